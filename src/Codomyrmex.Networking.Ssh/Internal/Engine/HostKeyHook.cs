using Codomyrmex.Networking.Ssh.Protocol;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>
/// Puts our judgement of host keys into the engine, whose own default is to trust every key. The engine checks that the key signed this key exchange;
/// whose key it is, and what its certificate is worth, is for <see cref="HostKeyJudge"/>.
/// </summary>
internal sealed class HostKeyHook
{
    private readonly HostKeyJudge _judge;
    private byte[]? _shown;

    private HostKeyHook(HostKeyJudge judge) => _judge = judge;

    /// <summary>Why the key was refused; null where it was not.</summary>
    public NetworkException? Refusal { get; private set; }

    /// <summary>The fingerprint of the key that was accepted.</summary>
    public string? Accepted { get; private set; }

    /// <summary>Told of the fingerprint of a key that is shown, before it is judged.</summary>
    public Action<string>? OnShown { get; set; }

    /// <summary>Told of the fingerprint of a key that is accepted for the first time; what it throws is a refusal.</summary>
    public Action<string>? OnAccepted { get; set; }

    /// <summary>Takes over the judgement of a session that is not connected yet. Whoever connects looks at <see cref="Refusal"/> when it fails.</summary>
    /// <param name="session">The engine's session; its host key algorithms are those that may be offered.</param>
    /// <param name="judge">Who decides.</param>
    public static HostKeyHook Attach(Session session, HostKeyJudge judge)
    {
        var hook = new HostKeyHook(judge);
        var algorithms = session.ConnectionInfo.HostKeyAlgorithms;
        var plain = algorithms.Where(pair => !KeyTypes.IsCertificate(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value);
        var names = judge.Order([.. algorithms.Keys]);
        algorithms.Clear();
        foreach (var name in names)
        {
            // A certificate's own key signs the key exchange, so the engine gets that alone.
            if (plain.TryGetValue(KeyTypes.Plain(name), out var make))
                algorithms.Add(name, shown => hook.Take(shown, make));
        }
        session.HostKeyReceived += hook.Judge;
        return hook;
    }

    private KeyHostAlgorithm Take(byte[] shown, Func<byte[], KeyHostAlgorithm> make)
    {
        _shown = shown;
        return make(SshPublicKey.Parse(shown).Plain.Blob);
    }

    private void Judge(object? sender, HostKeyEventArgs asked)
    {
        asked.CanTrust = false;
        try
        {
            var fingerprint = SshPublicKey.Parse(_shown).Fingerprint;
            OnShown?.Invoke(fingerprint);
            _judge.Demand(_shown);
            // New keys are agreed on with the same server.
            if (Accepted is { } before && before != fingerprint)
                return;
            if (Accepted is null)
                OnAccepted?.Invoke(fingerprint);
            Accepted = fingerprint;
            asked.CanTrust = true;
        }
        catch (NetworkException refusal)
        {
            Refusal = refusal;
        }
    }
}
