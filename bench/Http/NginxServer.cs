using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Codomyrmex.Networking.Benchmarks.Suite;
using Codomyrmex.Networking.Benchmarks.Workers;

namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>nginx on the server's core, with its files in memory.</summary>
internal sealed class NginxServer : IDisposable
{
    public const int SmallBytes = 1024;
    public const int MediumBytes = 100 * 1024;
    public const int LargeBytes = 64 * 1024 * 1024;
    public const int JsonItems = 400;

    private readonly Process _process;
    private readonly string _folder;
    private readonly string _base;

    private NginxServer(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        _base = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
    }

    /// <summary>A folder in memory, for files that clients write.</summary>
    public string Folder => _folder;

    public string Small => _base + "/small.txt";

    public string Medium => _base + "/medium.bin";

    public string Large => _base + "/large.bin";

    public string Json => _base + "/catalogue.json";

    /// <summary>Starts it.</summary>
    /// <param name="largeBytes">The size of the large file.</param>
    public static async Task<NginxServer> StartAsync(int largeBytes = LargeBytes)
    {
        var nginx = Programs.Find("nginx") ?? throw new InvalidOperationException("nginx is missing.");
        var memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        var folder = Path.Combine(memory, $"codomyrmex-bench-{Environment.ProcessId}");
        var files = Directory.CreateDirectory(Path.Combine(folder, "www")).FullName;
        await File.WriteAllTextAsync(Path.Combine(files, "small.txt"), new string('s', SmallBytes));
        await File.WriteAllBytesAsync(Path.Combine(files, "medium.bin"), Noise(MediumBytes));
        await File.WriteAllBytesAsync(Path.Combine(files, "large.bin"), Noise(largeBytes));
        await File.WriteAllBytesAsync(Path.Combine(files, "catalogue.json"), JsonSerializer.SerializeToUtf8Bytes(Catalogue(), CatalogueJson.Default.CatalogueItemArray));
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), Configuration(folder, port));
        var process = Process.Start("taskset", ["-c", Cores.Server, nginx, "-p", folder, "-e", "stderr", "-c", Path.Combine(folder, "nginx.conf")])!;
        var server = new NginxServer(process, folder, port);
        await server.WaitUntilUpAsync(port);
        return server;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Configuration(string folder, int port) => string.Create(CultureInfo.InvariantCulture, $$"""
        daemon off;
        user root;
        pid {{folder}}/nginx.pid;
        error_log stderr error;
        worker_processes 1;
        events { worker_connections 1024; }
        http {
            access_log off;
            server_tokens off;
            sendfile on;
            tcp_nopush on;
            keepalive_requests 1000000000;
            keepalive_timeout 3600;
            open_file_cache max=16 inactive=1h;
            types { text/plain txt; application/json json; }
            client_body_temp_path {{folder}}; proxy_temp_path {{folder}}; fastcgi_temp_path {{folder}}; uwsgi_temp_path {{folder}}; scgi_temp_path {{folder}};
            server { listen 127.0.0.1:{{port}}; root {{folder}}/www; }
        }
        """);

    private static byte[] Noise(int size)
    {
        var bytes = new byte[size];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static CatalogueItem[] Catalogue() => [.. Enumerable.Range(0, JsonItems).Select(i => new CatalogueItem(
        i, $"Item number {i}", $"A description of some length for the item with the number {i}, as catalogues have them. It goes on for a second sentence.",
        i * 1.25, i % 3 != 0, ["first", "second", $"tag-{i % 17}"]))];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitUntilUpAsync(int port)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (_process.HasExited)
                throw new InvalidOperationException("nginx did not start.");
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }
        throw new InvalidOperationException("nginx did not answer.");
    }
}
