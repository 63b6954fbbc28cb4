namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>The names and the ranking of ports in the library are those of <c>data/</c>. <c>./dev ports</c> remakes them.</summary>
public class PortTableTests
{
    private const string Binary = "src/Codomyrmex.Networking/Scanning/Ports.bin";

    [Fact]
    public void The_binary_form_is_made_from_the_two_lists()
    {
        var path = Path.Combine(RepositoryFiles.Root, Binary);
        var made = PortTableWriter.Write(RepositoryFiles.Read("data/ports.txt"), RepositoryFiles.Read("data/port-ranking.txt"));
        if (Snapshot.IsAccepting("ports"))
            File.WriteAllBytes(path, made);
        Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(made), $"{Binary} is out of date. If the change is meant, run ./dev ports and commit it.");
    }
}
