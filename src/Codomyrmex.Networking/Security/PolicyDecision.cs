namespace Codomyrmex.Networking.Security;

/// <summary>The policy's answer.</summary>
/// <param name="IsAllowed">Whether the target may be reached.</param>
/// <param name="Rule">The rule that decided, in words; null where nothing but the preset did.</param>
public readonly record struct PolicyDecision(bool IsAllowed, string? Rule)
{
    /// <summary>Allowed, no rule involved.</summary>
    public static PolicyDecision Allowed => new(true, null);
}
