namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What a target promises beyond an answer or a documented exception.</summary>
internal static class Promise
{
    /// <summary>Ends the target's run with an error that is not documented.</summary>
    public static void Keep(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException("Broken promise: " + what + ".");
    }
}
