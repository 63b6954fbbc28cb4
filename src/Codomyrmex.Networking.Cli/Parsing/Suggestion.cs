namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>Guesses what a misspelt word was meant to be.</summary>
internal static class Suggestion
{
    /// <summary>The nearest candidate, or null where none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string? best = null;
        var least = Math.Max(1, word.Trim('-').Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            var distance = candidate.StartsWith(word, StringComparison.Ordinal) && word.Trim('-').Length > 1 ? 1 : Distance(word, candidate);
            if (distance < least)
                (best, least) = (candidate, distance);
        }
        return best;
    }

    /// <summary>The rest of a message about an unknown word: what it was meant to be, and what there is.</summary>
    public static string Instead(string word, string[] candidates)
    {
        var all = string.Join(", ", candidates);
        return Nearest(word, candidates) is { } nearest ? $"; did you mean {nearest}? There are {all}." : $"; there are {all}.";
    }

    /// <summary>Edits between two words, where swapping neighbours is one (optimal string alignment).</summary>
    private static int Distance(string one, string other)
    {
        var edits = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
                edits[i, j] = i == 0 || j == 0 ? i + j : Least(edits, one, other, i, j);
        }
        return edits[one.Length, other.Length];
    }

    private static int Least(int[,] edits, string one, string other, int i, int j)
    {
        var same = one[i - 1] == other[j - 1];
        var least = Math.Min(Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1, edits[i - 1, j - 1] + (same ? 0 : 1));
        var isSwapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
        return isSwapped ? Math.Min(least, edits[i - 2, j - 2] + 1) : least;
    }
}
