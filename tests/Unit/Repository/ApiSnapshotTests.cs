using PublicApiGenerator;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

public class ApiSnapshotTests
{
    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        ExcludeAttributes = ["System.Runtime.CompilerServices.CompilerGeneratedAttribute", "System.Runtime.CompilerServices.AsyncIteratorStateMachineAttribute"],
    };

    [Theory, MemberData(nameof(Libraries.All), MemberType = typeof(Libraries))]
    public void Public_api_is_the_accepted_one(string library)
    {
        var api = Libraries.Load(library).GeneratePublicApi(Options).ReplaceLineEndings("\n").Trim('\n');
        Snapshot.Verify("api", $"api/{library}.txt", api + "\n");
    }

    [Fact]
    public void Every_snapshot_belongs_to_a_library() =>
        Breaches.AreNone(RepositoryFiles.Under("api").Except(Libraries.Names.Select(name => $"api/{name}.txt")));

    [Fact]
    public void A_difference_shows_what_was_added_and_removed() =>
        Assert.Equal("- two\n+ 2\n+ four", Snapshot.Difference("one\ntwo\nthree", "one\n2\nthree\nfour"));
}
