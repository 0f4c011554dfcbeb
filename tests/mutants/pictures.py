"""Pictures: what comes in, what is stored, what goes out."""

from tests.mutants.mutation import Mutation

CODEC = "lumiku_web/adapters/codec_pillow.py"
STORAGE = "lumiku_web/adapters/storage_local.py"
FILES = "lumiku_web/http/files.py"

TEST_CODEC = "contracts/test_codec.py::"
TEST_STORAGE = "contracts/test_storage.py::"
TEST_FILES = "integration/http/test_files.py::"

MUTATIONS = (
    Mutation(
        "U2",
        "the px of an upload are not counted before it is decoded",
        CODEC,
        "if image.width * image.height > limit_px:",
        "if False:",
        (f"{TEST_CODEC}test_u2_a_result_of_too_many_px_is_unreadable_before_it_is_decoded",),
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
        "lumiku_web/http/upload_gate.py",
        "if seen > limit:",
        "if False:",
        ("unit/http/test_upload_gate.py::test_u2_what_sends_more_than_it_announced_is_cut_off",),
    ),
    Mutation(
        "U3",
        "a photograph lies on its side",
        CODEC,
        "return picture.transpose(turn) if turn is not None else picture",
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
        "a damaged picture is a bug",
        CODEC,
        "    except Exception as wrong:\n",
        "    except ZeroDivisionError as wrong:\n",
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
        FILES,
        '        "x-content-type-options": "nosniff",\n',
        "",
        (f"{TEST_FILES}test_u5_a_picture_is_a_picture_and_nothing_else",),
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
)
