using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers;

public class LayerTests
{
    private const string Bad = "Codomyrmex.Networking.Tests.Unit.Repository.Layers.Bad";

    private static readonly Lazy<IReadOnlyList<string>> BadBreaches = new(() => LayerChecker.Breaches(typeof(LayerTests).Assembly.Location, Bad));

    [Fact]
    public void Every_folder_imports_only_what_the_table_allows() =>
        Breaches.AreNone(LayerChecker.Breaches(typeof(NetworkException).Assembly.Location, "Codomyrmex.Networking"));

    [Fact]
    public void SSH_imports_only_what_the_table_allows() =>
        Breaches.AreNone(LayerChecker.Breaches(Libraries.Load("Codomyrmex.Networking.Ssh").Location, "Codomyrmex.Networking"));

    [Fact]
    public void The_crawler_imports_only_what_the_table_allows() =>
        Breaches.AreNone(LayerChecker.Breaches(Libraries.Load("Codomyrmex.Networking.Crawling").Location, "Codomyrmex.Networking"));

    [Fact]
    public void Only_the_folder_of_an_engine_names_it() =>
        Breaches.AreNone(Libraries.Names.SelectMany(name => LayerChecker.EngineBreaches(Libraries.Load(name).Location)));

    [Fact]
    public void No_two_folders_may_import_each_other()
    {
        foreach (var (layer, imports) in LayerTable.MayImport)
            Assert.All(imports, import => Assert.DoesNotContain(layer, LayerTable.MayImport[import]));
    }

    [Theory]
    [InlineData("a signature", "the root vocabulary", "Http.Client", "Vocabulary::Signature")]
    [InlineData("a field", "Security", "System.IO.FileStream", "Policy::_file")]
    [InlineData("an attribute", "Security", "Transport.MarkAttribute", "Policy::Marked")]
    [InlineData("a call in a body", "Security", "Microsoft.Extensions.Logging.LoggerExtensions", "Policy::Log")]
    [InlineData("a type argument", "Transport", "Resilience.Retry", "Dialer::Retries")]
    [InlineData("a base type", "Resilience", "Transport.Dialer", "Bad.Resilience.Retry")]
    [InlineData("a lambda in an iterator", "Http", "WebSockets.Socket", "Client/")]
    [InlineData("a task in a parser", "Protocol", "System.Threading.Tasks.Task", "Parser::WaitAsync")]
    [InlineData("a stream in a parser", "Protocol", "System.IO.Stream", "Parser::Read")]
    [InlineData("a socket in a parser", "Protocol", "System.Net.Sockets.Socket", "Parser::Open")]
    [InlineData("a parser that knows its client", "Protocol", "Bad.Http.Client", "Parser::Owner")]
    [InlineData("a folder without a rule", "Bad.Elsewhere.Stray", "is in a folder without a rule", "")]
    public void A_breach_is_found_in(string place, string layer, string target, string member) =>
        Assert.True(BadBreaches.Value.Any(breach => breach.Contains(layer) && breach.Contains(target) && breach.Contains(member)),
            $"No breach in {place} among:\n{string.Join('\n', BadBreaches.Value)}");

    [Fact]
    public void An_address_family_is_only_a_value() =>
        Assert.DoesNotContain(BadBreaches.Value, breach => breach.Contains("AddressFamily"));

    [Fact]
    public void The_command_line_sees_no_internals()
    {
        var friends = Libraries.Names.SelectMany(name => Libraries.Load(name).GetCustomAttributes(typeof(InternalsVisibleToAttribute), false))
            .Cast<InternalsVisibleToAttribute>().Select(attribute => attribute.AssemblyName);
        Assert.DoesNotContain(friends, friend => friend.StartsWith("codonet", StringComparison.OrdinalIgnoreCase));
    }
}
