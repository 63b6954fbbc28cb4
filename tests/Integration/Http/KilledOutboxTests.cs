using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>An outbox whose process is killed again and again, at a server that honours the key: each effect happens exactly once.</summary>
public class KilledOutboxTests
{
    private const int Orders = 120;

    // Built with this suite, into a folder of its own.
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory.Replace($"{Path.DirectorySeparatorChar}Integration{Path.DirectorySeparatorChar}", $"{Path.DirectorySeparatorChar}OutboxWriter{Path.DirectorySeparatorChar}", StringComparison.Ordinal), "Codomyrmex.Networking.OutboxWriter");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_order_has_its_effect_exactly_once_however_often_its_sender_is_killed(int seed)
    {
        var random = new Random(seed);
        var effects = new ConcurrentDictionary<string, int>();
        var repeats = 0;
        var untilKill = 0;
        Process? victim = null;
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/orders", async exchange =>
        {
            var body = await new StreamReader(exchange.Body).ReadToEndAsync(exchange.Aborted);
            var key = exchange.Headers["Idempotency-Key"]!;
            var point = Interlocked.Decrement(ref untilKill) == 0 ? random.Next(3) : -1;
            // Before the effect, between effect and answer, and after the answer.
            if (point == 0)
                Kill(victim!);
            if (!effects.TryAdd($"{key} {body}", 1))
                Interlocked.Increment(ref repeats);
            if (point == 1)
                Kill(victim!);
            await exchange.RespondAsync(201);
            if (point == 2)
                Kill(victim!);
        });

        var folder = Directory.CreateTempSubdirectory("codonet-outbox-");
        try
        {
            var added = -1;
            var kills = 0;
            var isDone = false;
            while (!isDone)
            {
                untilKill = kills < 25 ? random.Next(1, 9) : int.MaxValue;
                using var process = victim = Start(Path.Combine(folder.FullName, "outbox"), $"{server.Url}orders", $"{added + 1}", $"{Orders - 1}");
                var errors = process.StandardError.ReadToEndAsync(Stop);
                while (await process.StandardOutput.ReadLineAsync(Stop) is { } line)
                {
                    isDone |= line == "done";
                    if (line.StartsWith("added ", StringComparison.Ordinal))
                        added = int.Parse(line[6..], CultureInfo.InvariantCulture);
                }
                await process.WaitForExitAsync(Stop);
                if (process.ExitCode == 137)
                    kills++;
                else
                    Assert.True(process.ExitCode == 0, await errors);
            }
            Assert.True(kills >= 15, $"{kills} kills");
            Assert.True(repeats > 0, "Nothing was sent twice: the kills proved nothing.");
            Assert.Equal(Enumerable.Range(0, Orders).Select(number => $"order-{number} order {number}").Order(), effects.Keys.Order());
            TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills, {repeats} repeats that the server knew");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }

    private static Process Start(params string[] arguments)
    {
        var process = new Process { StartInfo = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true } };
        process.Start();
        return process;
    }
}
