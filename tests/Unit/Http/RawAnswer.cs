using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Servers that answer with bytes of a test's choice, and a client that tries once and gives up after a bounded time.</summary>
internal static class RawAnswer
{
    /// <summary>What ends every test that would hang otherwise.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static HTTPClientOptions Options { get; } = new()
    {
        Retry = RetryOptions.None,
        Timeouts = Timeouts.Default with { Total = Patience },
    };

    public static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>Answers the first request of each connection with these bytes, then ends the connection.</summary>
    public static ScriptedServer ThenClose(string answer) => ThenClose(Latin1(answer));

    public static ScriptedServer ThenClose(byte[] answer) => ScriptedServer.Start(async (peer, stop) =>
    {
        await peer.ReadRequestAsync(stop);
        await peer.SendAsync(answer, stop);
    });

    /// <summary>Answers the first request of each connection with these bytes, then says no more but stays.</summary>
    public static ScriptedServer ThenStall(string answer) => ThenStall(Latin1(answer));

    public static ScriptedServer ThenStall(byte[] answer) => ScriptedServer.Start(async (peer, stop) =>
    {
        await peer.ReadRequestAsync(stop);
        await peer.SendAsync(answer, stop);
        await peer.StallAsync(stop);
    });

    /// <summary>Answers each request of a connection in turn.</summary>
    public static ScriptedServer InTurn(params byte[][] answers) => ScriptedServer.Start(async (peer, stop) =>
    {
        foreach (var answer in answers)
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync(answer, stop);
        }
        await peer.StallAsync(stop);
    });

    /// <summary>The answer with a body, as a correct server frames it.</summary>
    public static byte[] With(byte[] body, string headers = "", string status = "200 OK") =>
        [.. Latin1($"HTTP/1.1 {status}\r\n{headers}Content-Length: {body.Length}\r\n\r\n"), .. body];

    public static async Task<NetworkException> FailureAsync(Uri url, HTTPClientOptions? options = null, RequestOptions? request = null)
    {
        using var client = new HTTPClient(options ?? Options);
        return await FailureAsync(client, url, request);
    }

    /// <summary>The error of a GET; an answer is shown, since the test did not expect one.</summary>
    public static async Task<NetworkException> FailureAsync(HTTPClient client, Uri url, RequestOptions? request = null)
    {
        try
        {
            using var response = await client.GetAsync(url.ToString(), request, TestContext.Current.CancellationToken);
            throw new Xunit.Sdk.XunitException($"An answer came instead of an error: {response.Status} {response.Reason}\n{response.Headers}\n{response.Text}");
        }
        catch (NetworkException error)
        {
            return error;
        }
    }
}
