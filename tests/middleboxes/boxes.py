"""Real proxies, each with its own configuration in a folder of its own, on a free port of 127.0.0.1.

Never the service of the machine: they run in the foreground, as children of the tests, and end with them.
"""

import os
import shutil
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import Server, environ_of, free_port

SYSTEM_PROGRAMS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
IS_ROOT = os.geteuid() == 0


def program(name: str) -> str | None:
    return shutil.which(name, path=SYSTEM_PROGRAMS)


class Box(Server):
    """A proxy in front of ``web``. ``options`` are lines that its configuration gets beside its defaults."""

    package: str
    #: A browser is told to send everything here, instead of asking it as if it were the server.
    forward = False

    def __init__(self, web: str, **options: str):
        self.web, self.options = urlsplit(web).netloc, options
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.directory = Path(tempfile.mkdtemp(prefix=f"plainwire-{self.package}-"))
        self.directory.chmod(0o777)  # some of them give up root and then write here
        super().__init__(self.package, [program(self.package), *self.arguments()], environ_of({}))

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.directory, ignore_errors=True)

    def is_ready(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def write(self, name: str, text: str) -> str:
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def arguments(self) -> list[str]:
        """Write the configuration; the command line that takes it."""
        raise NotImplementedError


class Nginx(Box):
    package = "nginx"

    def arguments(self) -> list[str]:
        folders = [f"{of}_temp_path {self.directory}/{of};" for of in ("proxy", "fastcgi", "uwsgi", "scgi")]
        config = f"""
            {"user root;" if IS_ROOT else ""}
            daemon off;
            pid {self.directory}/nginx.pid;
            error_log stderr;
            events {{}}
            http {{
              access_log off;
              client_body_temp_path {self.directory}/body;
              {" ".join(folders)}
              {self.options.get("http", "")}
              server {{
                listen 127.0.0.1:{self.port};
                location / {{ proxy_pass http://{self.web}; }}
              }}
            }}"""
        return ["-c", self.write("nginx.conf", config), "-e", "stderr", "-p", str(self.directory)]


class Haproxy(Box):
    package = "haproxy"

    def arguments(self) -> list[str]:
        idle = self.options["idle"]
        config = f"""
global
  maxconn 500
defaults
  mode http
  timeout connect 5s
  timeout client {idle}
  timeout server {idle}
  {self.options.get("defaults", "")}
frontend all
  bind 127.0.0.1:{self.port}
  default_backend web
backend web
  server web {self.web}
"""
        return ["-db", "-f", self.write("haproxy.cfg", config)]


class Squid(Box):
    package = "squid"
    forward = True

    def arguments(self) -> list[str]:
        config = f"""
http_port 127.0.0.1:{self.port}
http_access allow all
cache deny all
visible_hostname localhost
pid_filename {self.directory}/squid.pid
cache_log stdio:{self.directory}/cache.log
access_log none
netdb_filename none
coredump_dir {self.directory}
max_filedescriptors 1024
pinger_enable off
shutdown_lifetime 0 seconds
"""
        return ["-N", "-f", self.write("squid.conf", config)]


class Privoxy(Box):
    package = "privoxy"
    forward = True

    def arguments(self) -> list[str]:
        self.write("our.filter", "FILTER: ours Changes nothing that anybody writes.\ns@no such words anywhere@@g\n")
        self.write("our.action", f"{{ {self.options.get('actions', '-filter{ours}')} }}\n/\n")
        config = f"""
confdir {self.directory}
logdir {self.directory}
listen-address 127.0.0.1:{self.port}
filterfile our.filter
actionsfile our.action
toggle 1
keep-alive-timeout 5
"""
        return ["--no-daemon", self.write("config", config)]


class Apache(Box):
    package = "apache2"

    def arguments(self) -> list[str]:
        modules = ["mpm_event", "authz_core", "filter", "deflate", "proxy", "proxy_http"]
        load = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in modules)
        config = f"""
{load}
ServerName localhost
ServerRoot {self.directory}
DefaultRuntimeDir {self.directory}
PidFile {self.directory}/apache.pid
ErrorLog {self.directory}/error.log
{"User www-data" if IS_ROOT else ""}
{"Group www-data" if IS_ROOT else ""}
Listen 127.0.0.1:{self.port}
ProxyPass / http://{self.web}/
{self.options.get("server", "")}
"""
        return ["-D", "FOREGROUND", "-f", self.write("apache.conf", config)]


class Lighttpd(Box):
    package = "lighttpd"

    def arguments(self) -> list[str]:
        host, _, port = self.web.partition(":")
        config = f"""
server.document-root = "{self.directory}"
server.bind = "127.0.0.1"
server.port = {self.port}
server.modules = ( "mod_proxy" )
proxy.server = ( "" => ( ( "host" => "{host}", "port" => {port} ) ) )
{self.options.get("server", "")}
"""
        return ["-D", "-f", self.write("lighttpd.conf", config)]


class Caddy(Box):
    package = "caddy"

    def arguments(self) -> list[str]:
        config = f"""
{{
    admin off
    auto_https off
    storage file_system {self.directory}
}}
http://:{self.port} {{
    {self.options.get("site", "")}
    reverse_proxy {self.web} {{
        {self.options.get("proxy", "")}
    }}
}}
"""
        return ["run", "--adapter", "caddyfile", "--config", self.write("Caddyfile", config)]


class Varnish(Box):
    package = "varnishd"

    def arguments(self) -> list[str]:
        host, _, port = self.web.partition(":")
        config = f"""
vcl 4.1;
backend web {{ .host = "{host}"; .port = "{port}"; }}
sub vcl_recv {{
{self.options.get("recv", "")}
    return (pass);
}}
sub vcl_backend_response {{
{self.options.get("response", "")}
}}
"""
        listen = f"127.0.0.1:{self.port}"
        return ["-F", "-n", str(self.directory / "work"), "-a", listen, "-f", self.write("default.vcl", config)]
