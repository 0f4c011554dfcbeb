"""Pictures: what comes in, what is stored, what goes out."""

from tests.mutants.mutation import Mutation

CODEC = "lumiku_web/adapters/codec_pillow.py"
STORAGE = "lumiku_web/adapters/storage_local.py"
FILES = "lumiku_web/http/files.py"
GATE = "lumiku_web/http/upload_gate.py"
UPLOADS = "lumiku_web/domain/uploads/policy.py"
GALLERY = "lumiku_web/domain/gallery/service.py"
FETCHER = "lumiku_web/adapters/fetcher_httpx.py"

TEST_CODEC = "contracts/test_codec.py::"
TEST_STORAGE = "contracts/test_storage.py::"
TEST_UPLOADS = "integration/domain/test_uploads.py::"
TEST_ENDS = "integration/domain/test_upload_ends.py::"
TEST_NAMES = "unit/domain/test_upload_policy.py::"
TEST_GALLERY = "integration/domain/test_gallery.py::"
TEST_ADDRESSES = "unit/adapters/test_fetcher.py::"
TEST_GATE = "unit/http/test_upload_gate.py::"
TEST_FILES = "integration/http/test_files.py::"

MUTATIONS = (
    Mutation(
        "U2",
        "an upload may have twice as many px",
        CODEC,
        "if image.width * image.height > limit_px:",
        "if image.width * image.height > 2 * limit_px:",
        (f"{TEST_CODEC}test_u2_u6_too_many_px_are_refused_from_the_header",),
    ),
    Mutation(
        "U2",
        "an animation is taken",
        CODEC,
        'if getattr(image, "n_frames", 1) > 1:',
        'if getattr(image, "n_frames", 1) > 1000:',
        (f"{TEST_CODEC}test_u2_animations_are_refused",),
    ),
    Mutation(
        "U2",
        "an upload may send more than it announced",
        GATE,
        "if seen > limit:",
        "if False:",
        (f"{TEST_GATE}test_u2_what_sends_more_than_it_announced_is_cut_off",),
    ),
    Mutation(
        "U3",
        "a photograph lies on its side",
        CODEC,
        "return picture.transpose(turn)",
        "return picture",
        (f"{TEST_CODEC}test_u3_rotation_is_applied_and_metadata_are_gone",),
    ),
    Mutation(
        "U3",
        "colours are those of a profile that is gone",
        CODEC,
        "    picture = _in_srgb(picture, image)\n",
        "",
        (f"{TEST_CODEC}test_u3_colours_of_an_odd_profile_become_srgb",),
    ),
    Mutation(
        "U4",
        "a JPEG may hold any number of scans",
        CODEC,
        "_scans(file) > _MOST_SCANS:",
        "_scans(file) > 100 * _MOST_SCANS:",
        (f"{TEST_CODEC}test_u4_a_jpeg_of_a_thousand_scans_is_refused_before_it_is_decoded",),
    ),
    Mutation(
        "U4",
        "scans of one colour each are not counted",
        CODEC,
        "return file.read(1) == components",
        "return True",
        ("contracts/test_codec_scans.py::test_u4_a_thousand_scans_of_one_colour_each_are_refused_before_they_are_decoded",),
    ),
    Mutation(
        "U6",
        "half a photograph is called no photograph",
        CODEC,
        '_UnusableError("photo_unreadable", f"{type(wrong)',
        '_UnusableError("photo_type", f"{type(wrong)',
        (f"{TEST_CODEC}test_u6_truncated_photographs_are_refused",),
    ),
    Mutation(
        "U5",
        "a picture may run as a page of ours",
        FILES,
        "\"default-src 'none'; sandbox\"",
        "\"default-src 'self'\"",
        (f"{TEST_FILES}test_u5_a_picture_is_a_picture_and_nothing_else",),
    ),
    Mutation(
        "U5",
        "the browser guesses what a picture is",
        "lumiku_web/http/headers.py",
        'headers.setdefault("x-content-type-options", "nosniff")',
        'headers.setdefault("x-content-type-options", "")',
        ("unit/http/test_headers.py::test_u5_every_answer_forbids_sniffing",),
    ),
    Mutation(
        "U5",
        "a key leads out of the storage",
        STORAGE,
        "return self._root / checked_key(key)",
        "return self._root / key",
        (f"{TEST_STORAGE}test_u5_a_key_that_could_leave_the_storage_is_refused",),
    ),
    Mutation(
        "U5",
        "anybody on the machine may read the pictures",
        STORAGE,
        "os.O_WRONLY, 0o640)",
        "os.O_WRONLY, 0o644)",
        ("unit/adapters/test_storage_local.py::test_u5_files_lie_below_the_root_by_their_key_and_not_for_everybody",),
    ),
    Mutation(
        "U6",
        "what hangs behind a picture is kept",
        CODEC,
        'if media_type == "image/png" else content',
        'if media_type == "image/gif" else content',
        (f"{TEST_CODEC}test_u6_what_hangs_behind_a_png_result_is_dropped",),
    ),
    Mutation(
        "L6",
        "a full disk leaves half a picture behind",
        STORAGE,
        "            unfinished.unlink(missing_ok=True)\n            raise\n",
        "            raise\n",
        ("unit/adapters/test_storage_local.py::test_l6_a_disk_that_refuses_leaves_the_old_object_and_no_litter",),
    ),
    Mutation(
        "T8",
        "anybody's picture is answered",
        "lumiku_web/domain/gallery/repository.py",
        "select(Image).where(Image.id == image_id, Image.user_id == user_id)",
        "select(Image).where(Image.id == image_id)",
        (f"{TEST_FILES}test_t8_somebody_elses_picture_is_as_little_there_as_none",),
    ),
    Mutation(
        "U1",
        "a file may be named otherwise than its type says",
        UPLOADS,
        "if called != named:",
        "if False:",
        (f"{TEST_NAMES}test_u1_what_does_not_agree_is_refused_by_what_it_is",),
    ),
    Mutation(
        "U1",
        "a file may be something else than it says",
        UPLOADS,
        "if _format(head) != named:",
        "if False:",
        (f"{TEST_UPLOADS}test_u1_a_file_that_is_not_what_it_says_is_refused_at_its_first_bytes",),
    ),
    Mutation(
        "U2",
        "a file of twice the length is taken",
        "lumiku_web/domain/uploads/incoming.py",
        "if self._received > self._limit:",
        "if self._received > 2 * self._limit:",
        (f"{TEST_UPLOADS}test_u2_a_file_is_cut_off_at_its_limit_and_not_waited_for",),
    ),
    Mutation(
        "U6",
        "a title keeps the folders of its name",
        UPLOADS,
        'return name.replace("\\\\", "/").rpartition("/")[2].strip()',
        "return name.strip()",
        (f"{TEST_NAMES}test_u6_of_a_name_only_what_can_be_shown_is_kept",),
    ),
    Mutation(
        "U7",
        "a full storage takes more",
        "lumiku_web/domain/storage/service.py",
        "if used_bytes(uow, actor) >= limit_bytes:",
        "if used_bytes(uow, actor) > 2 * limit_bytes:",
        (f"{TEST_UPLOADS}test_u7_a_member_whose_storage_is_full_brings_nothing_and_orders_nothing",),
    ),
    Mutation(
        "U7",
        "the same file at the same time is a bug",
        GALLERY,
        "if SOURCE_ONCE in str(twice.orig):",
        "if False:",
        (f"{TEST_UPLOADS}test_u7_of_eight_uploads_of_one_file_at_once_one_is_kept",),
    ),
    Mutation(
        "L6",
        "an upload that was given up leaves its files",
        "lumiku_web/domain/uploads/service.py",
        "            files.discard(uow, new.user_id, new.id)\n",
        "            pass\n",
        (f"{TEST_ENDS}test_a_disk_that_is_full_half_way_keeps_nothing",),
    ),
    Mutation(
        "L6",
        "a deleted picture leaves its files",
        GALLERY,
        "    files.discard(uow, row.user_id, row.id, stored_bytes=row.stored_bytes)\n",
        "",
        (f"{TEST_GALLERY}test_what_is_deleted_counts_no_more_and_its_files_go",),
    ),
    Mutation(
        "U8",
        "a name may mean a private address",
        FETCHER,
        "if origin_of(place) not in self._trusted and not all(map(is_public, found)):",
        "if False:",
        ("integration/adapters/test_fetching.py::test_u8_a_name_that_means_a_private_address_is_refused",),
    ),
    Mutation(
        "U8",
        "an address may stand for a private one",
        FETCHER,
        " and not any(ip in network for network in _NOT_PUBLIC)",
        "",
        (f"{TEST_ADDRESSES}test_u8_no_address_that_stands_for_another_one_is_public",),
    ),
    Mutation(
        "U8",
        "any host below any name is a provider's",
        FETCHER,
        'name.endswith(f".{host}")',
        "name.endswith(host)",
        (f"{TEST_ADDRESSES}test_u8_hosts_are_those_that_were_named_and_those_below",),
    ),
    Mutation(
        "T8",
        "anybody's picture can be put away",
        "lumiku_web/domain/gallery/repository.py",
        ".where(Image.user_id == user_id, col(Image.id).in_(ids))",
        ".where(col(Image.id).in_(ids))",
        (f"{TEST_GALLERY}test_t8_nobody_touches_somebody_elses_pictures",),
    ),
    Mutation(
        "T8",
        "anybody's tab takes a file",
        GATE,
        " != (actor.user_id, actor.session_id):",
        " is None:",
        (f"{TEST_GATE}test_t8_a_tab_that_is_not_this_persons_in_this_session_takes_no_file",),
    ),
    Mutation(
        "U7",
        "a picture gets files that a sweeper is deleting",
        "lumiku_web/domain/storage/repository.py",
        " AND NOT is_being_deleted RETURNING",
        " RETURNING",
        ("integration/domain/test_loose_files.py::test_nobody_stores_what_a_sweeper_is_deleting",),
    ),
    Mutation(
        "T8",
        "any handler takes a file",
        GATE,
        "if handler not in self._handlers:",
        "if False:",
        (f"{TEST_GATE}test_t8_a_handler_that_takes_no_files_gets_none",),
    ),
)
