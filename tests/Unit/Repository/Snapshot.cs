namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>A committed file that must equal what the code gives. <c>./dev api</c> and <c>./dev docs</c> accept what it gives now.</summary>
internal static class Snapshot
{
    /// <summary>Whether this run writes the files of a kind instead of comparing them.</summary>
    /// <param name="kind"><c>api</c> or <c>docs</c>.</param>
    public static bool IsAccepting(string kind) => Environment.GetEnvironmentVariable("CODOMYRMEX_ACCEPT") == kind;

    /// <summary>Compares a file with its expected text, or writes it.</summary>
    /// <param name="kind">The <c>./dev</c> command that accepts it.</param>
    /// <param name="path">The file, from the root.</param>
    /// <param name="actual">What the code gives.</param>
    public static void Verify(string kind, string path, string actual)
    {
        if (IsAccepting(kind))
        {
            RepositoryFiles.Write(path, actual);
            return;
        }
        var committed = RepositoryFiles.Exists(path) ? RepositoryFiles.Read(path) : "";
        Assert.True(committed == actual, $"{path} is out of date. If the change is meant, run ./dev {kind} and commit it.\n{Difference(committed, actual)}");
    }

    /// <summary>The lines that differ: <c>-</c> only in the first text, <c>+</c> only in the second.</summary>
    public static string Difference(string before, string after)
    {
        var (a, b) = (before.Split('\n'), after.Split('\n'));
        var common = LongestCommon(a, b);
        var output = new List<string>();
        var (i, j) = (0, 0);
        while (i < a.Length || j < b.Length)
        {
            if (i < a.Length && j < b.Length && a[i] == b[j])
                (i, j) = (i + 1, j + 1);
            else if (j == b.Length || (i < a.Length && common[i + 1, j] >= common[i, j + 1]))
                output.Add("- " + a[i++]);
            else
                output.Add("+ " + b[j++]);
        }
        return string.Join('\n', output.Take(80));
    }

    private static int[,] LongestCommon(string[] a, string[] b)
    {
        var length = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
        {
            for (var j = b.Length - 1; j >= 0; j--)
                length[i, j] = a[i] == b[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
        }
        return length;
    }
}
