namespace Codomyrmex.Networking.Security;

/// <summary>What an <see cref="EgressPolicy"/> says about a target that none of its rules mentions.</summary>
public enum EgressPreset
{
    /// <summary>Every target is allowed. In files and on the command line: <c>unrestricted</c>.</summary>
    Unrestricted,

    /// <summary>
    /// Only addresses of the public internet are allowed: none of <see cref="SpecialUseAddresses"/>, in any embedding. In files and
    /// on the command line: <c>public-only</c>.
    /// </summary>
    PublicInternetOnly,

    /// <summary>Nothing is allowed but what an allow rule names. In files and on the command line: <c>nothing</c>.</summary>
    Nothing,
}
