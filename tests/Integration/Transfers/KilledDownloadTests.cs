using System.Diagnostics;
using System.Globalization;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Native;

namespace Codomyrmex.Networking.Tests.Integration.Transfers;

/// <summary>A download whose process is killed again and again, without a chance to clean up.</summary>
public class KilledDownloadTests
{
    private const int Size = 6_000_000;
    private const int Kills = 25;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    public async Task Killed_download_ends_byte_identical_every_time(int seed, int parallel)
    {
        var random = new Random(seed);
        var content = new byte[Size];
        random.NextBytes(content);
        // Where in the file the process is killed: so many bytes after it began.
        await using var server = new KillingServer(content);
        var folder = Directory.CreateTempSubdirectory("codonet-killed-");
        try
        {
            var target = Path.Combine(folder.FullName, "file");
            var kills = 0;
            var resumed = 0;
            while (!File.Exists(target))
            {
                server.KillAfter = kills < Kills ? random.Next(1, 450_000) : long.MaxValue;
                using var process = Start("download", server.Url, "-o", target, "--resume", "--json", "--parallel", parallel.ToString(CultureInfo.InvariantCulture));
                server.Victim = process;
                var output = process.StandardOutput.ReadToEndAsync(Stop);
                var errors = await process.StandardError.ReadToEndAsync(Stop);
                await process.WaitForExitAsync(Stop);
                if (process.ExitCode == 137)
                    kills++;
                else
                    Assert.True(process.ExitCode == 0, await output + errors);
                resumed += server.TakeResumed();
                // Whatever the moment: what has the name is whole.
                if (File.Exists(target))
                    Assert.Equal(content, await File.ReadAllBytesAsync(target, Stop));
                // One that the journal names, and one that was begun in the moment of the kill.
                Assert.InRange(Directory.GetFiles(folder.FullName, "*.part").Length, 0, 2);
            }
            Assert.Equal(["file"], Directory.GetFiles(folder.FullName).Select(Path.GetFileName));
            Assert.True(kills >= 20, $"{kills} kills");
            Assert.True(resumed > 0, "No run went on where another was killed.");
            Assert.Equal(content, await File.ReadAllBytesAsync(target, Stop));
            TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills, {resumed} resumed requests");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Process Start(params string[] arguments)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(CodonetExecutable.Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        return process;
    }

    /// <summary>Gives ranges of a file slowly, and kills the client after a number of bytes.</summary>
    private sealed class KillingServer : IAsyncDisposable
    {
        private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(4);

        private readonly LoopbackServer _server;
        private readonly byte[] _content;
        private long _left;
        private int _resumed;

        public KillingServer(byte[] content)
        {
            _content = content;
            _server = LoopbackServer.Start().Map("GET", "/file", ServeAsync);
        }

        public string Url => _server.Url + "file";

        public long KillAfter { set => Volatile.Write(ref _left, value); }

        public Process? Victim { get; set; }

        /// <summary>How many requests went on in the middle of the file since the last time.</summary>
        public int TakeResumed() => Interlocked.Exchange(ref _resumed, 0);

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private async Task ServeAsync(LoopbackExchange exchange)
        {
            var (from, to) = (0, _content.Length);
            var headers = new List<KeyValuePair<string, string>> { new("ETag", "\"one\""), new("Accept-Ranges", "bytes") };
            if (exchange.Headers["Range"] is { } range)
            {
                Assert.Equal("\"one\"", exchange.Headers["If-Range"]);
                var ends = range["bytes=".Length..].Split('-');
                (from, to) = (int.Parse(ends[0], CultureInfo.InvariantCulture), ends[1].Length == 0 ? to : int.Parse(ends[1], CultureInfo.InvariantCulture) + 1);
                headers.Add(new("Content-Range", $"bytes {from}-{to - 1}/{_content.Length}"));
                Interlocked.Increment(ref _resumed);
            }
            var body = await exchange.StartAsync(exchange.Headers["Range"] is null ? 200 : 206, headers, to - from, exchange.Aborted);
            // The brake: without it the file would be there before the first kill.
            using var pace = new PeriodicTimer(Pace);
            while (from < to && await pace.WaitForNextTickAsync(exchange.Aborted))
            {
                var count = Math.Min(8192, to - from);
                await body.WriteAsync(_content.AsMemory(from, count), exchange.Aborted);
                from += count;
                if (Interlocked.Add(ref _left, -count) <= 0)
                    Victim?.Kill();
            }
        }
    }
}
