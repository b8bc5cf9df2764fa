import re
from pathlib import Path

import pytest

from chatapp.config import PROJECT, SETTINGS, from_environment, local_files
from chatapp.flask_config import with_flask_config
from chatapp.turbo.settings import DEFAULTS

DEPLOY = {"DATABASE_URL": "postgres://ann:secret@db/plainwire", "SECRET_KEY": "long and random"}
HEROKU = DEPLOY | {"DYNO": "web.1", "HTTPS": "1", "SECRET_KEY": "0123456789abcdef" * 2}


def test_nothing_set_means_sqlite_in_the_instance_folder():
    assert (
        with_flask_config(from_environment({}))["SQLALCHEMY_DATABASE_URI"]
        == f"sqlite:///{PROJECT}/instance/plainwire.sqlite3"
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgres_address_as_platforms_hand_it_out_gets_its_driver(scheme):
    config = with_flask_config(from_environment(DEPLOY | {"DATABASE_URL": f"{scheme}://ann:secret@db/plainwire"}))
    assert config["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://ann:secret@db/plainwire"


def test_the_pool_never_grows_beyond_what_the_database_allows():
    options = with_flask_config(from_environment(DEPLOY | {"DATABASE_POOL": "7"}))["SQLALCHEMY_ENGINE_OPTIONS"]
    assert (options["pool_size"], options["max_overflow"]) == (7, 0)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("redis://h:1/0", "redis://h:1/0"),
        ("rediss://:p@h:1", "rediss://:p@h:1?ssl_cert_reqs=none"),
        ("rediss://:p@h:1?a=b", "rediss://:p@h:1?a=b&ssl_cert_reqs=none"),
        ("rediss://h:1?ssl_cert_reqs=required", "rediss://h:1?ssl_cert_reqs=required"),
        ("rediss://h:1?ssl_ca_certs=/etc/ca.pem", "rediss://h:1?ssl_ca_certs=/etc/ca.pem"),
    ],
)
def test_only_an_encrypted_redis_may_have_a_self_signed_certificate(given, used):
    assert with_flask_config(from_environment({"REDIS_URL": given}))["REDIS_URL"] == used


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB_CONCURRENCY", "abc"),
        ("WEB_CONCURRENCY", "0"),
        ("PORT", "70000"),
        ("HTTPS", "perhaps"),
        ("TRUSTED_PROXIES", "-1"),
        ("HEARTBEAT_SECONDS", "nan"),
        ("LOG_LEVEL", "LOUD"),
        ("LOGIN_RATE", "ten"),
        ("TRUSTED_HOSTS", "https://chat.example.com"),
        ("TRUSTED_HOSTS", "chat.example.com:8000"),
        ("ATTACHMENT_FILE_MB", "0"),
        ("ASSET_HOST", "cdn.example.com"),
        ("ASSET_HOST", "https://cdn.example.com/"),
        ("ASSET_HOST", "https://cdn.example.com; script-src *"),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_names_the_variable(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be .+, not '{re.escape(value)}'.$"):
        from_environment({name: value})


def test_a_bad_address_is_refused_without_repeating_its_password():
    with pytest.raises(ValueError, match="^DATABASE_URL must be .+ address.$") as refusal:
        from_environment({"DATABASE_URL": "mysql://ann:secret@db/plainwire"})
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("environ", [{"DATABASE_URL": DEPLOY["DATABASE_URL"]}, {"DYNO": "web.1", "HTTPS": "1"}])
def test_a_deploy_without_a_secret_key_does_not_start(environ):
    with pytest.raises(ValueError, match="SECRET_KEY must be set"):
        from_environment(environ)


@pytest.mark.parametrize("platform", ["DYNO", "RENDER", "FLY_APP_NAME", "RAILWAY_ENVIRONMENT", "K_SERVICE"])
@pytest.mark.parametrize(
    ("unsafe", "words"),
    [
        ({"SECRET_KEY": "hunter2"}, "SECRET_KEY has 7 characters, and a deploy needs at least 32"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG must not be 1 in a deploy"),
        ({"HTTPS": "0"}, "HTTPS must be 1 in a deploy"),
        ({"HTTPS": ""}, "HTTPS must be 1 in a deploy"),
        ({"SETUP_WITHOUT_TOKEN": "1"}, "SETUP_WITHOUT_TOKEN must not be 1 in a deploy"),
    ],
)
def test_a_deploy_that_anybody_could_break_into_does_not_start(platform, unsafe, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        from_environment(HEROKU | {platform: "anything"} | unsafe)


def test_a_safe_deploy_starts():
    assert from_environment(HEROKU)["HTTPS"] is True


@pytest.mark.parametrize(
    ("environ", "loses"),
    [({}, False), (HEROKU, True), (HEROKU | {"STORAGE_URL": "s3://key:secret@s3.example.com/files?region=eu"}, False)],
)
def test_a_platform_that_loses_its_disk_needs_a_bucket(environ, loses):
    assert from_environment(environ)["LOSES_DISK"] is loses


@pytest.mark.parametrize(
    "url", ["s3://s3.example.com/files", "s3://key:secret@s3.example.com", "https://example.com/x"]
)
def test_a_bad_bucket_is_refused_without_repeating_its_secret(url):
    with pytest.raises(ValueError, match="^STORAGE_URL must be a folder, or s3://key:secret@host/bucket.$"):
        from_environment({"STORAGE_URL": url})


def test_trusted_hosts_are_names_between_commas():
    assert from_environment({"TRUSTED_HOSTS": "chat.example.com, .example.org"})["TRUSTED_HOSTS"] == [
        "chat.example.com",
        ".example.org",
    ]
    assert from_environment({})["TRUSTED_HOSTS"] is None


def test_nobody_else_on_this_machine_reads_what_lies_in_the_instance_folder(tmp_path, monkeypatch):
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o755)
    database = instance / "plainwire.sqlite3"
    database.touch(mode=0o644)
    monkeypatch.setattr(local_files, "INSTANCE", instance)
    from_environment({"DATABASE_URL": f"sqlite:///{database}"})
    files = {path.name: path.stat().st_mode & 0o777 for path in [instance, *instance.iterdir()]}
    assert files == {"instance": 0o700, "plainwire.sqlite3": 0o600, "secret_key": 0o600}


def test_the_local_secret_key_stays_the_same_and_is_private():
    assert from_environment({})["SECRET_KEY"] == from_environment({})["SECRET_KEY"] != ""
    assert (PROJECT / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_cookies_stay_on_https_where_browsers_arrive_by_https():
    assert with_flask_config(from_environment({"HTTPS": "1"}))["SESSION_COOKIE_SECURE"] is True
    assert with_flask_config(from_environment({}))["SESSION_COOKIE_SECURE"] is False


def test_the_example_file_lists_every_setting_with_its_default():
    listed = dict(re.findall(r"^#([A-Z_]+)=(.*)$", Path(PROJECT / ".env.example").read_text(), re.MULTILINE))
    plain = {setting.name: setting.default for setting in SETTINGS if setting.name != "DATABASE_URL"}
    plain["TRUSTED_HOSTS"] = ""
    assert listed.keys() == plain.keys() | {"DATABASE_URL"}
    for name, default in plain.items():
        assert listed[name] == str(int(default) if isinstance(default, bool) else default), name


def test_the_live_pages_have_the_environment_s_settings_and_the_library_the_same_defaults():
    values = from_environment({"HEARTBEAT_SECONDS": "7", "STREAMS_PER_USER": "3", "REDIS_URL": "redis://h:1/0"})
    config = with_flask_config(values)
    assert (config["TURBO_HEARTBEAT_SECONDS"], config["TURBO_STREAMS_PER_READER"]) == (7, 3)
    given = {name: value for name, value in with_flask_config(from_environment({})).items() if name in DEFAULTS}
    own = {name: DEFAULTS[name] for name in ("TURBO_ROW_CACHE_BYTES", "TURBO_REDIS_URL")}  # the app makes the clients
    assert given | own == DEFAULTS


def test_jobs_need_one_server_where_a_cluster_carries_the_live_changes():
    cluster = {"REDIS_URL": "redis+cluster://h:1,h:2"}
    with pytest.raises(ValueError, match="QUEUE_REDIS_URL must be the address of one server"):
        with_flask_config(from_environment(cluster))
    assert with_flask_config(from_environment(cluster | {"QUEUE_REDIS_URL": "redis://h:3/0"}))["REDIS_URL"]


def test_a_replica_is_one_of_postgresql():
    replica = {"DATABASE_REPLICA_URL": "postgres://ann:secret@replica/plainwire"}
    with pytest.raises(ValueError, match="DATABASE_REPLICA_URL needs PostgreSQL"):
        with_flask_config(from_environment(replica))
    config = with_flask_config(from_environment(DEPLOY | replica))
    assert config["DATABASE_REPLICA_URL"] == "postgresql+psycopg://ann:secret@replica/plainwire"


def test_no_other_module_reads_the_environment():
    modules = [path for path in (PROJECT / "chatapp").rglob("*.py") if path.parent.name != "config"]
    assert [path.name for path in modules if re.search(r"os\.environ|getenv", path.read_text())] == []
