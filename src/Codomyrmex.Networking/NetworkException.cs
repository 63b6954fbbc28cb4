using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking;

/// <summary>
/// The base of every network error: no <c>SocketException</c>, <c>HttpRequestException</c> or <c>IOException</c> leaves the library
/// bare. Cancellation by the caller stays <see cref="OperationCanceledException"/>; a wrong argument stays
/// <see cref="ArgumentException"/>.
/// </summary>
/// <remarks>
/// <code>
/// NetworkException
///  ├ ConnectionException        refused, reset, unreachable, closed early
///  ├ DNSResolutionException     no such name, server failure, no usable address
///  ├ NetworkTimeoutException    one of our timeouts fired; says which
///  ├ SSLException               TLS handshake, certificate, pin
///  ├ HTTPException              HTTP protocol fault, or a status the caller treats as failure
///  │  └ StreamTruncatedException  a stream ended without its terminal event
///  ├ RateLimitException         a wait beyond the limit
///  ├ ProxyException             proxy unreachable, refused, authentication
///  ├ WebSocketException         handshake refused, protocol fault, closed abnormally
///  ├ ModelException             answers of language models
///  ├ RpcException               calls of JSON-RPC
///  ├ SSHException               host key, authentication, channel
///  │  └ SftpException           SFTP status
///  └ PolicyException            the egress policy denied the target
/// </code>
/// </remarks>
public class NetworkException : Exception
{
    /// <summary>Makes the exception from what is known; masks secrets in the message and escapes what does not print.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public NetworkException(NetworkFailure failure, Exception? inner = null)
        : base(Printable.Text(Redactor.Redact((failure ?? throw new ArgumentNullException(nameof(failure))).Message), int.MaxValue), inner)
    {
        Failure = failure with { Message = Message };
    }

    /// <summary>Everything known about the failure.</summary>
    public NetworkFailure Failure { get; private set; }

    /// <summary>The stable code, for example <c>tcp.refused</c>; see <see cref="ErrorCodes"/>.</summary>
    public string Code => Failure.Code;

    /// <summary>The phase it happened in.</summary>
    public NetworkPhase Phase => Failure.Phase;

    /// <summary>The endpoint as the caller named it, where there is one.</summary>
    public Endpoint? Endpoint => Failure.Endpoint;

    /// <summary>Every address or request tried, in order.</summary>
    public IReadOnlyList<Attempt> Attempts => Failure.Attempts;

    /// <summary>Where on the way to the peer it broke: the layers from what was asked for down to the one that failed. Empty where the way was made.</summary>
    public IReadOnlyList<string> Layers => Failure.Layers;

    /// <summary>Time from the start of the operation to the failure.</summary>
    public TimeSpan Elapsed => Failure.Elapsed;

    /// <summary>Whether the same call may well succeed later.</summary>
    public bool IsTransient => Failure.IsTransient ?? ErrorCodes.Find(Code)?.IsTransient ?? false;

    /// <summary>Whether the peer can have seen the request.</summary>
    public WasSent WasSent => Failure.WasSent;

    /// <summary>How long the peer or a limiter asks to wait, where known.</summary>
    public TimeSpan? RetryAfter => Failure.RetryAfter;

    /// <summary>What to try next.</summary>
    public string? Hint => Failure.Hint ?? ErrorCodes.Find(Code)?.Hint;

    /// <summary>Adds facts that only an outer layer knows (total time, earlier attempts). Called before the exception leaves.</summary>
    internal void Complete(NetworkFailure failure) => Failure = failure with { Message = Message };

    /// <summary>Type, code, message, facts, hint, then the stack.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{GetType().FullName} [{Code}]: {Message}\n");
        text.Append(CultureInfo.InvariantCulture, $"  phase {Phase}, endpoint {Endpoint?.ToString() ?? "-"}, after {Elapsed.TotalMilliseconds:0.0} ms, ");
        text.Append(CultureInfo.InvariantCulture, $"sent {WasSent}, {(IsTransient ? "transient" : "permanent")}");
        if (RetryAfter is { } wait)
            text.Append(CultureInfo.InvariantCulture, $", retry after {wait.TotalSeconds:0.###} s");
        text.Append('\n');
        if (Layers.Count > 1)
            text.Append(CultureInfo.InvariantCulture, $"  on the way: {string.Join(" over ", Layers)}\n");
        foreach (var attempt in Attempts)
            text.Append(CultureInfo.InvariantCulture, $"  tried {attempt.Address}: {attempt.Code ?? "ok"} in {attempt.Elapsed.TotalMilliseconds:0.0} ms\n");
        if (Hint is not null)
            text.Append(CultureInfo.InvariantCulture, $"  {Hint}\n");
        if (StackTrace is not null)
            text.Append(StackTrace);
        if (InnerException is not null)
            text.Append(CultureInfo.InvariantCulture, $"\n ---> {Printable.Lines(Redactor.Redact(InnerException.ToString().Replace("\r\n", "\n", StringComparison.Ordinal)))}");
        return text.ToString();
    }
}
