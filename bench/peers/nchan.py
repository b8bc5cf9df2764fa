"""nginx with the module nchan: a peer in C. Debian's packages."""

import os

from . import scratch
from .peer import Peer

PACKAGES = {"libnginx-mod-nchan": "1:1.3.6*", "nginx": "1.22.1*"}
CONFIGURATION = """
daemon off; worker_processes 1; pid {directory}/pid; error_log {directory}/log; user {user};
load_module {module};
worker_rlimit_nofile 20000;
events {{ worker_connections 16000; }}
http {{
  access_log off; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port} backlog=2000;
    location = /publish {{ nchan_publisher; nchan_channel_id chat; nchan_message_buffer_length 20; }}
    location = /stream {{ nchan_subscriber eventsource; nchan_channel_id chat; nchan_subscriber_first_message newest; }}
  }}
}}
"""


class Nchan(Peer):
    label = "nginx + nchan"

    @classmethod
    def install(cls) -> str:
        root = scratch.debian("nchan", PACKAGES)
        scratch.program(root, "nginx")
        return "nginx 1.22.1, nchan 1.3.6"

    def command_line(self) -> list[str]:
        root = scratch.debian("nchan", PACKAGES)
        user = "root" if os.geteuid() == 0 else "nobody"
        module = root / "usr/lib/nginx/modules/ngx_nchan_module.so"
        text = CONFIGURATION.format(directory=self.directory, port=self.port, module=module, user=user)
        (self.directory / "nginx.conf").write_text(text)
        return [scratch.program(root, "nginx"), "-c", str(self.directory / "nginx.conf")]
