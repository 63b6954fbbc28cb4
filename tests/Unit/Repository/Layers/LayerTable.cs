namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers;

/// <summary>Who may import whom, as data. A folder's <c>Internal</c> belongs to the folder; <c>Protocol</c> folders have a rule of their own.</summary>
internal static class LayerTable
{
    /// <summary>The root vocabulary: types directly in the library's namespace.</summary>
    public const string Root = "";

    /// <summary>The last segment of the folders that hold pure parsers.</summary>
    public const string Protocol = "Protocol";

    private static readonly string[] BelowExecution = [Root, "Security", "Diagnostics", "Resilience", "Transport"];
    private static readonly string[] BelowClients = [.. BelowExecution, "Execution"];

    /// <summary>A folder and the folders that it may import besides itself.</summary>
    public static IReadOnlyDictionary<string, string[]> MayImport { get; } = new Dictionary<string, string[]>
    {
        [Root] = [],
        ["Security"] = [Root],
        ["Diagnostics"] = [Root],
        ["Resilience"] = [Root, "Diagnostics"],
        ["Transport"] = [Root, "Security", "Diagnostics"],
        ["Execution"] = BelowExecution,
        ["Transfers"] = [Root, "Resilience"],
        ["Http"] = [.. BelowClients, "Transfers"],
        ["WebSockets"] = BelowClients,
        ["Sockets"] = BelowClients,
        ["Scanning"] = BelowClients,
        ["Ssh"] = [.. BelowClients, "Transfers"],
        ["Crawling"] = [Root, "Resilience", "Transport", "Http"],
        ["Rpc"] = [Root, "Diagnostics", "Transport", "Http", "WebSockets", "Sockets"],
        ["Fleet"] = [Root, "Security", "Diagnostics", "Resilience", "Transport", "Http", "Scanning", "Crawling", "Rpc"],
        [Protocol] = [Root],
    };

    /// <summary>A folder and what it never names of .NET: a namespace with all below it, or a type.</summary>
    public static IReadOnlyDictionary<string, string[]> Never { get; } = new Dictionary<string, string[]>
    {
        ["Security"] =
        [
            "System.IO", "System.Net.Sockets", "System.Net.Http", "System.Net.Security", "System.Net.WebSockets", "System.Net.Dns",
            "System.Net.NetworkInformation", "Microsoft.Extensions.Logging",
        ],
        [Protocol] = ["System.IO.Stream", "System.IO.Pipelines", "System.Net.Sockets", "System.Threading.Tasks"],
    };

    /// <summary>A namespace of somebody else's engine, and the namespaces of ours that may name it: so the engine can be replaced.</summary>
    public static IReadOnlyDictionary<string, string[]> Engines { get; } = new Dictionary<string, string[]>
    {
        ["Renci.SshNet"] = ["Codomyrmex.Networking.Ssh.Internal.Engine"],
        ["AngleSharp"] = ["Codomyrmex.Networking.Crawling.Internal.Markup"],
        ["Microsoft.Data.Sqlite"] = ["Codomyrmex.Networking.Crawling.Internal.Storage", "Codomyrmex.Networking.Fleet.Internal.Storage"],
        ["Npgsql"] = ["Codomyrmex.Networking.Fleet.Internal.Storage"],
        ["Org.BouncyCastle"] = ["Codomyrmex.Networking.Ssh.Internal.Engine"],
        // What is generated lies in a namespace of its own.
        ["Orleans"] = ["Codomyrmex.Networking.Fleet", "OrleansCodeGen"],
    };

    /// <summary>Plain values that live in a forbidden namespace, but open nothing.</summary>
    public static IReadOnlyList<string> Harmless { get; } = ["System.Net.Sockets.AddressFamily"];
}
