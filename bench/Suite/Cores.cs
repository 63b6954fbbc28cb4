namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>The server has one core, the client under measurement another.</summary>
internal static class Cores
{
    public const string Server = "0";
    public const string Client = "1";
}
