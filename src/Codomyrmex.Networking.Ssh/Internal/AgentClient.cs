using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// Asks an SSH agent over its Unix-domain socket. Each question has a connection of its own, so none can get another's answer. Nothing of the agent is ever
/// handed to a server: there is no agent forwarding (CVE class 50).
/// </summary>
/// <param name="path">The socket.</param>
/// <param name="limit">How long an answer may take: somebody may have to confirm or to touch a key.</param>
/// <param name="clock">The time.</param>
internal sealed class AgentClient(string path, TimeSpan limit, TimeProvider clock)
{
    private const string Variable = "SSH_AUTH_SOCK";

    public static TimeSpan DefaultLimit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>The socket that the environment names; null for none.</summary>
    public static string? DefaultPath => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : null;

    public string Path => path;

    /// <summary>The keys that the agent holds.</summary>
    /// <exception cref="SSHException">It cannot be reached, or answers otherwise.</exception>
    public async Task<IReadOnlyList<AgentIdentity>> ListAsync(CancellationToken cancellationToken) =>
        await AskAsync(AgentMessages.List(), static answer => AgentMessages.ReadIdentities(answer.Span), cancellationToken).ConfigureAwait(false);

    /// <summary>A signature by a key that the agent holds: algorithm and value, as SSH sends it.</summary>
    public async Task<byte[]> SignAsync(SshPublicKey key, ReadOnlyMemory<byte> data, string algorithm, CancellationToken cancellationToken) =>
        await AskAsync(AgentMessages.Sign(key.Blob, data.Span, algorithm), answer => AgentMessages.ReadSignature(answer.Span, algorithm), cancellationToken).ConfigureAwait(false);

    private async Task<T> AskAsync<T>(byte[] question, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            var trace = new DialTrace(new Endpoint(path, 0), clock);
            var stream = await TcpConnector.ConnectUnixAsync(path, TransportOptions.Default, trace, either.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
                return read(await AskAsync(stream, question, either.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fail($"did not answer within {limit.TotalSeconds:0.#} s", late);
        }
        catch (Exception failed) when (failed is NetworkException or IOException or FormatException)
        {
            throw Fail($"cannot be asked: {failed.Message}", failed);
        }
    }

    private static async Task<byte[]> AskAsync(Stream stream, byte[] question, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(question, cancellationToken).ConfigureAwait(false);
        var head = new byte[4];
        await stream.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
        var answer = new byte[AgentMessages.Length(head)];
        await stream.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
        return answer;
    }

    private NetworkException Fail(string what, Exception inner) => new NetworkFailure
    {
        Code = ErrorCodes.SshAgent,
        Message = $"The agent at {path} {what}",
        Phase = NetworkPhase.Authenticate,
    }.ToException(inner);
}
