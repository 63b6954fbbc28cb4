using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>A PostgreSQL of its own, on a port of the loopback interface.</summary>
internal static class PostgresServer
{
    /// <summary>How it is reached.</summary>
    public static string Settings(int port) => $"Host=127.0.0.1;Port={port};Database=postgres;Username=fleet";

    public static async Task<ServerProcess> StartAsync(int port)
    {
        var folder = new ServerFolder();
        var programs = Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).First() + "/bin/";
        string[] nobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"];
        await ToolRun.RunAsync("", "/bin/chown", "nobody", folder.Path);
        await ToolRun.RunAsync("", "/usr/bin/setpriv", [.. nobody, programs + "initdb", "-D", folder["data"], "--no-sync", "-U", "fleet", "-A", "trust"]);
        var server = await ServerProcess.StartAsync(folder, port, "/usr/bin/setpriv", [.. nobody, programs + "postgres", "-D", folder["data"], "-k", folder.Path, "-h", "127.0.0.1", "-p", $"{port}", "-c", "fsync=off", "-c", "log_line_prefix="]);
        // Its port accepts before it does.
        await server.PrintsAsync("LOG:  database system is ready to accept connections", TestContext.Current.CancellationToken);
        return server;
    }
}
