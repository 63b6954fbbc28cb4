namespace Codomyrmex.Networking.Cli;

/// <summary>Which release this is.</summary>
internal static class Release
{
    // A constant, since asking the assembly would cost reflection at each start; a test holds it to the project's version.
    public const string Version = "0.1.0";
}
