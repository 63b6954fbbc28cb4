namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>When new keys are due: after so many bytes in one direction, or after so long (RFC 4253, section 9).</summary>
internal sealed class RekeyRule(long bytes, TimeSpan after, TimeProvider clock)
{
    private long _sentBefore;
    private long _receivedBefore;
    private long _since = clock.GetTimestamp();

    public bool IsDue(long sent, long received) => sent - _sentBefore >= bytes || received - _receivedBefore >= bytes || clock.GetElapsedTime(_since) >= after;

    public void Restart(long sent, long received) => (_sentBefore, _receivedBefore, _since) = (sent, received, clock.GetTimestamp());
}
