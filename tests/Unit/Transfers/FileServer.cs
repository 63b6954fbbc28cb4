using System.Globalization;
using System.Security.Cryptography;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Transfers;

/// <summary>A server with one file, which gives ranges and breaks off where a test says so.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly LoopbackServer _server = LoopbackServer.Start();
    private int _count;

    public FileServer(int size, int seed = 1)
    {
        Content = Bytes(size, seed);
        _server.Map("GET", "/{**path}", ServeAsync);
    }

    /// <summary>Retries at once, and gives up after a bounded time.</summary>
    public static HTTPClientOptions Options { get; } = new()
    {
        Retry = new RetryOptions { BaseDelay = TimeSpan.Zero },
        Timeouts = Timeouts.Default with { Idle = TimeSpan.FromSeconds(20), FirstByte = TimeSpan.FromSeconds(20) },
    };

    public static HTTPClientOptions Once { get; } = Options with { Retry = RetryOptions.None };

    public byte[] Content { get; set; }

    public string? ETag { get; set; } = "\"v1\"";

    /// <summary>Whether ranges are given.</summary>
    public bool HasRanges { get; set; } = true;

    /// <summary>Whether the length is told; chunks otherwise.</summary>
    public bool HasLength { get; set; } = true;

    /// <summary>More fields of the answer.</summary>
    public List<KeyValuePair<string, string>> Fields { get; } = [];

    /// <summary>After how many bytes of its body a request (counted from 1) is broken off; null for not at all.</summary>
    public Func<int, int?> CutAt { get; set; } = _ => null;

    /// <summary>Changes the Content-Range that a request would get.</summary>
    public Func<string, string> Lie { get; set; } = range => range;

    /// <summary>Runs before a request (counted from 1) is answered.</summary>
    public Func<int, LoopbackExchange, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Runs in a request's body, before the byte at <see cref="PauseAt"/>.</summary>
    public Func<int, Task> Pause { get; set; } = _ => Task.CompletedTask;

    public int PauseAt { get; set; } = int.MaxValue;

    public string Url => _server.Url + "files/data.bin";

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Content));

    public IReadOnlyList<RecordedRequest> Requests => _server.Requests;

    public int ConnectionCount => _server.ConnectionCount;

    public static byte[] Bytes(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(LoopbackExchange exchange)
    {
        var number = Interlocked.Increment(ref _count);
        await Before(number, exchange);
        if (exchange.HasStarted)
            return;
        var content = Content;
        var (from, to) = (0, content.Length);
        var headers = new List<KeyValuePair<string, string>>(Fields);
        if (ETag is not null)
            headers.Add(new("ETag", ETag));
        if (HasRanges)
            headers.Add(new("Accept-Ranges", "bytes"));
        var isPart = HasRanges && exchange.Headers["Range"] is not null && (exchange.Headers["If-Range"] is not { } condition || condition == ETag || Fields.Any(field => field.Key == "Last-Modified" && field.Value == condition));
        if (isPart)
        {
            var ends = exchange.Headers["Range"]!["bytes=".Length..].Split('-');
            from = int.Parse(ends[0], CultureInfo.InvariantCulture);
            to = ends[1].Length == 0 ? to : int.Parse(ends[1], CultureInfo.InvariantCulture) + 1;
            if (from >= content.Length)
            {
                await exchange.RespondAsync(416, headers: [new("Content-Range", $"bytes */{content.Length}")]);
                return;
            }
            headers.Add(new("Content-Range", Lie($"bytes {from}-{to - 1}/{content.Length}")));
        }
        var stream = await exchange.StartAsync(isPart ? 206 : 200, headers, HasLength ? to - from : null, exchange.Aborted);
        var cut = CutAt(number) is { } count ? from + count : int.MaxValue;
        while (from < to)
        {
            if (from >= cut)
            {
                exchange.Abort();
                return;
            }
            if (from >= PauseAt)
                await Pause(number).WaitAsync(exchange.Aborted);
            var next = Math.Min(Math.Min(to, from + 16384), Math.Min(cut, from < PauseAt ? PauseAt : int.MaxValue));
            await stream.WriteAsync(content.AsMemory(from, next - from), exchange.Aborted);
            from = next;
        }
    }
}
