namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>Shows every breach of a rule in full.</summary>
internal static class Breaches
{
    public static void AreNone(IEnumerable<string> breaches)
    {
        var found = breaches.ToList();
        Assert.True(found.Count == 0, $"breaches of this rule: {found.Count}\n{string.Join('\n', found)}");
    }
}
