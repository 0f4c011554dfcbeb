"""Sign-in and access."""

from tests.mutants.mutation import Mutation

ACCOUNTS = "lumiku_web/domain/accounts/service.py"
SESSIONS = "lumiku_web/domain/accounts/repository.py"
POLICY = "lumiku_web/domain/accounts/policy.py"
GATEKEEPER = "lumiku_web/ui/gatekeeper.py"
EDGE = "lumiku_web/http/edge.py"

TEST_ACCOUNTS = "integration/domain/test_accounts.py::"
TEST_POLICY = "unit/domain/test_accounts_policy.py::"
TEST_EVENTS = "ui/test_events.py::"
TEST_EDGE = "integration/http/test_edge.py::"

MUTATIONS = (
    Mutation(
        "T1",
        "an unknown address is told at once",
        "lumiku_web/adapters/passwords_argon2.py",
        "        fits = self._context.verify(",
        "        if not known:\n            return False\n        fits = self._context.verify(",
        ("unit/test_passwords.py::test_t1_without_an_account_the_answer_is_no_after_the_same_work",),
    ),
    Mutation(
        "T1",
        "an unknown address is told in words",
        "lumiku_web/http/auth_forms.py",
        '_back("/sign-in", "invalid_credentials", form)',
        '_back("/sign-in", "invalid_credentials" if known.user_id else "email_unknown", form)',
        ("integration/http/test_auth_forms.py::test_t1_unknown_address_and_wrong_password_get_the_same_answer",),
    ),
    Mutation(
        "T3",
        "eight characters are too few",
        POLICY,
        "if len(password) < PASSWORD_MIN:",
        "if len(password) <= PASSWORD_MIN:",
        (f"{TEST_POLICY}test_t3_passwords_of_8_characters_and_more_need_no_rules_of_composition",),
    ),
    Mutation(
        "T3",
        "a common password is taken",
        POLICY,
        "if _guessable(password, hints):",
        "if False:",
        (f"{TEST_POLICY}test_t3_common_passwords_are_refused_with_a_reason",),
    ),
    Mutation(
        "T3",
        "a person's own name is a fine password",
        POLICY,
        "user_inputs=words",
        "user_inputs=[]",
        (f"{TEST_POLICY}test_t3_words_of_the_person_are_guessable",),
    ),
    Mutation(
        "T4",
        "the database holds what opens a session",
        ACCOUNTS,
        "return hashlib.sha256(secret.encode()).hexdigest()",
        "return secret",
        (f"{TEST_ACCOUNTS}test_t4_the_secret_is_kept_nowhere_but_in_the_cookie",),
    ),
    Mutation(
        "T4",
        "a session never ends by itself while it is used",
        SESSIONS,
        "                col(SignInSession.expires_at) > now,\n",
        "",
        (f"{TEST_ACCOUNTS}test_t4_a_session_ends_at_the_latest_at_its_absolute_limit",),
    ),
    Mutation(
        "T4",
        "a session that nobody uses lives on",
        SESSIONS,
        "                col(SignInSession.last_seen_at) > idle_since,\n",
        "",
        (f"{TEST_ACCOUNTS}test_t4_a_session_ends_when_nobody_uses_it",),
    ),
    Mutation(
        "T4",
        "who signed out is still signed in",
        SESSIONS,
        "            self.session.delete(ended)\n",
        "            pass\n",
        (f"{TEST_ACCOUNTS}test_t4_sign_out_ends_this_session_and_no_other",),
    ),
    Mutation(
        "T4",
        "scripts can read the secret",
        "lumiku_web/http/session_cookie.py",
        '        httponly=True,\n        samesite="lax",\n    )',
        '        samesite="lax",\n    )',
        ("unit/http/test_session_cookie.py::test_t4_javascript_never_sees_the_secret",),
    ),
    Mutation(
        "T5",
        "whoever was deactivated stays in",
        ACCOUNTS,
        "if found is None or found[1].state != AccountState.active:",
        "if found is None:",
        (f"{TEST_ACCOUNTS}test_t5_role_and_state_are_read_at_each_request",),
    ),
    Mutation(
        "T5",
        "a member may do what admins may",
        GATEKEEPER,
        "(access is Access.admin and actor.is_admin)",
        "access is Access.admin",
        (f"{TEST_EVENTS}test_t7_an_admins_handler_is_refused_to_a_member",),
    ),
    Mutation(
        "T7",
        "a visitor may do what members may",
        GATEKEEPER,
        "(actor and (access is Access.member or (access is Access.admin and actor.is_admin)))",
        "access is Access.member or (actor and access is Access.admin and actor.is_admin)",
        (f"{TEST_EVENTS}test_t7_no_visitor_gets_past_the_gatekeeper",),
    ),
    Mutation(
        "T7",
        "a handler without a rule is open",
        "lumiku_web/ui/guard.py",
        "return getattr(handler, _MARK, None)",
        "return getattr(handler, _MARK, Access.public)",
        ("architecture/test_access_rules.py::test_t7_these_handlers_are_public_and_no_others",),
    ),
    Mutation(
        "T7",
        "the socket takes any event",
        GATEKEEPER,
        "if data and isinstance(data[0], str) and data[0] in SOCKET_EVENTS:",
        "if data is not None:",
        ("architecture/test_access_rules.py::test_t7_the_socket_drops_every_other_name",),
    ),
    Mutation(
        "T7",
        "an address without a rule is public",
        "lumiku_web/http/rules.py",
        "if fitting else None",
        "if fitting else Rule.public",
        ("unit/http/test_rules.py::test_t7_an_undeclared_address_has_no_rule",),
    ),
    Mutation(
        "T7",
        "an address without a rule reaches its route",
        EDGE,
        "        if rule is None:\n",
        "        if rule is None and scope['path'] == _NOTHING:\n",
        (f"{TEST_EDGE}test_t7_an_undeclared_address_is_refused_to_everybody",),
    ),
    Mutation(
        "T7",
        "files and uploads are led to a page",
        EDGE,
        "if rule is Rule.member_api:",
        "if rule is Rule.nobody:",
        (f"{TEST_EDGE}test_t7_files_and_uploads_answer_visitors_with_a_bare_401",),
    ),
    Mutation(
        "T8",
        "anybody's project can be ordered into",
        "lumiku_web/domain/projects/repository.py",
        "select(Project).where(Project.id == project_id, Project.user_id == user_id)",
        "select(Project).where(Project.id == project_id)",
        ("integration/domain/test_submit.py::test_t8_nobody_orders_into_somebody_elses_project",),
    ),
)
