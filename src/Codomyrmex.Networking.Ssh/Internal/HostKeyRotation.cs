using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// Follows a known host from its old keys to its new ones (OpenSSH's PROTOCOL, section 2.5): what it says that it has is learnt once it has signed with each over this very connection, what it no
/// longer has is forgotten. All of it or nothing, and never a reason for the connection to fail.
/// </summary>
internal sealed class HostKeyRotation
{
    private readonly HostKeyTrust _trust;
    private readonly string _host;
    private readonly int _port;
    private readonly SshPublicKey _used;
    private readonly IReadOnlyCollection<string> _types;
    private readonly Ed25519Verifier _ed25519;
    private int _hasBegun;

    public HostKeyRotation(HostKeyTrust trust, string host, int port, SshPublicKey used, IReadOnlyCollection<string> types, Ed25519Verifier ed25519) =>
        (_trust, _host, _port, _used, _types, _ed25519) = (trust, host, port, used, types, ed25519);

    /// <summary>The hash of the connection's first key exchange.</summary>
    public required byte[] SessionId { get; init; }

    /// <summary>Done when what the server announced has been dealt with; at once where it announced nothing.</summary>
    public Task Done { get; private set; } = Task.CompletedTask;

    /// <summary>The server says which keys it has. It is believed once a connection.</summary>
    public void Begin(Multiplexer connection, ReadOnlySpan<byte> announcement)
    {
        if (Interlocked.Exchange(ref _hasBegun, 1) != 0)
            return;
        var announced = announcement.ToArray();
        Done = Task.Run(() => FollowAsync(connection, announced));
    }

    private async Task FollowAsync(Multiplexer connection, byte[] announcement)
    {
        try
        {
            var announced = HostKeyProof.ReadAnnouncement(announcement);
            if (await Task.Run(() => Plan(KnownHostsFile.ReadAll(_trust.KnownHostsFiles), announced)).ConfigureAwait(false) is not { } plan)
                return;
            if (plan.Fresh.Count > 0)
            {
                var answer = await connection.AskAsync(HostKeyProof.Question, HostKeyProof.WriteQuestion(plan.Fresh), connection.Over).ConfigureAwait(false);
                if (answer is null || !HostKeyProof.Holds(answer, plan.Fresh, SessionId, _ed25519))
                    return;
            }
            var proven = plan.Fresh;
            await Task.Run(() => KnownHostsFile.Rewrite(_trust.KnownHostsFiles[0], text => Apply(text, announced, proven))).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is FormatException or IOException or UnauthorizedAccessException or NetworkException or OperationCanceledException)
        {
            // What is known stays as it is, and was good enough for this connection.
        }
    }

    private KnownHostsRotation? Plan(IReadOnlyList<KnownHostsLine> lines, IReadOnlyList<SshPublicKey> announced) =>
        KnownHostsRotation.Plan(lines, _trust.KnownHostsFiles[0], _host, _port, _used, announced, IsWanted);

    /// <summary>Under the lock of the file: others may have written meanwhile, and nothing that was not proven may be learnt.</summary>
    private string Apply(string text, IReadOnlyList<SshPublicKey> announced, IReadOnlyList<SshPublicKey> proven)
    {
        var first = _trust.KnownHostsFiles[0];
        IReadOnlyList<KnownHostsLine> lines = [.. KnownHostsText.Parse(text, first), .. KnownHostsFile.ReadAll(_trust.KnownHostsFiles.Skip(1))];
        var plan = KnownHostsRotation.Plan(lines, first, _host, _port, _used, announced, proven.Contains);
        return plan?.Apply(text, _trust.HashNewHosts) ?? text;
    }

    private bool IsWanted(SshPublicKey key) => _types.Contains(key.Type) && (key.Type != KeyTypes.Rsa || key.Bits >= _trust.MinimumRsaBits);
}
