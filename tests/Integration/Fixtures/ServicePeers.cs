using System.Globalization;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>Servers of other protocols, each with nothing but its greeting, on ports of the loopback interface.</summary>
internal static class ServicePeers
{
    public static async Task<ServerProcess> StartPostgresAsync(int port)
    {
        var folder = new ServerFolder();
        var programs = Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).First() + "/bin/";
        // It refuses to be root.
        await ToolRun.RunAsync("", "/bin/chown", "nobody", folder.Path);
        await ToolRun.RunAsync("", "/usr/sbin/runuser", "-u", "nobody", "--", programs + "initdb", "-D", folder["data"], "--no-sync", "-A", "reject", "-N");
        return await ServerProcess.StartAsync(folder, port, "/usr/sbin/runuser", "-u", "nobody", "--", programs + "postgres",
            "-D", folder["data"], "-k", folder.Path, "-h", "127.0.0.1", "-p", Text(port), "-c", "fsync=off");
    }

    public static Task<ServerProcess> StartMariaAsync(int port)
    {
        var folder = new ServerFolder();
        Directory.CreateDirectory(folder["data"]);
        // Without a table of its own it lets nobody in, and says who it is all the same.
        return ServerProcess.StartAsync(folder, port, "/usr/sbin/mariadbd", "--no-defaults", "--user=root", "--skip-grant-tables", "--skip-networking=0", "--bind-address=127.0.0.1", $"--port={port}",
            $"--datadir={folder["data"]}", $"--socket={folder["socket"]}", $"--pid-file={folder["pid"]}", "--innodb-buffer-pool-size=8M", "--innodb-flush-method=nosync");
    }

    public static Task<ServerProcess> StartMemcachedAsync(int port) =>
        ServerProcess.StartAsync(new ServerFolder(), port, "/usr/bin/memcached", "-l", "127.0.0.1", "-p", Text(port), "-u", "nobody", "-m", "8");

    public static Task<ServerProcess> StartMosquittoAsync(int port)
    {
        var folder = new ServerFolder();
        return ServerProcess.StartAsync(folder, port, "/usr/sbin/mosquitto", "-c", folder.Write("mosquitto.conf", $"listener {port} 127.0.0.1\nallow_anonymous true\n"));
    }

    public static Task<ServerProcess> StartSmtpAsync(int port) =>
        ServerProcess.StartAsync(new ServerFolder(), port, "/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", $"127.0.0.1:{port}");

    /// <summary>IMAP at a port, POP3 at the next one.</summary>
    public static Task<ServerProcess> StartDovecotAsync(int imap, int pop3)
    {
        var folder = new ServerFolder();
        var configuration = folder.Write("dovecot.conf", $$"""
            base_dir = {{folder["run"]}}
            log_path = /dev/stderr
            protocols = imap pop3
            ssl = no
            listen = 127.0.0.1
            default_internal_user = dovecot
            mail_location = maildir:{{folder["mail"]}}
            service imap-login {
              inet_listener imap {
                port = {{imap}}
              }
              inet_listener imaps {
                port = 0
              }
            }
            service pop3-login {
              inet_listener pop3 {
                port = {{pop3}}
              }
              inet_listener pop3s {
                port = 0
              }
            }
            passdb {
              driver = static
              args = nopassword=n
            }
            """ + "\n");
        return ServerProcess.StartAsync(folder, imap, "/usr/sbin/dovecot", "-F", "-c", configuration);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
