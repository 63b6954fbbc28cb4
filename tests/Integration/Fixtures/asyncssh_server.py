# An SSH server by asyncssh: its user may come with a key, a password, or answers to questions; commands run in a shell; files lie in the home.
import asyncio
import sys

import asyncssh

PASSWORD, CODE = "lovelace", "42"


class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return username == "ada" and password == PASSWORD

    def kbdint_auth_supported(self):
        return True

    def get_kbdint_challenge(self, username, lang, submethods):
        return "Two questions", "Answer both.", "", [("Password: ", False), ("Code: ", True)]

    def validate_kbdint_response(self, username, responses):
        return username == "ada" and list(responses) == [PASSWORD, CODE]


async def copy(source, target):
    while data := await source.read(65536):
        target.write(data)
        await target.drain()


async def feed(process, child):
    await copy(process.stdin, child.stdin)
    child.stdin.close()


async def run(process):
    child = await asyncio.create_subprocess_shell(
        process.command or "cat",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    feeding = asyncio.create_task(feed(process, child))
    await asyncio.gather(copy(child.stdout, process.stdout), copy(child.stderr, process.stderr))
    feeding.cancel()
    process.exit(await child.wait())


async def main(port, host_key, client_keys):
    await asyncssh.listen(
        "127.0.0.1", port, server_host_keys=[host_key], server_factory=Server, authorized_client_keys=client_keys,
        process_factory=run, encoding=None, sftp_factory=True, allow_scp=False)
    await asyncio.get_running_loop().create_future()


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
