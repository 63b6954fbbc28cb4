namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>An error that several callers are told of.</summary>
internal static class SharedError
{
    /// <summary>Another exception with the same facts: one for each caller, who adds what it knows of it, and so that their stacks do not mix.</summary>
    public static NetworkException Again(this NetworkException first) => first.Failure.ToException(first);
}
