using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Under which names anybody can have one of his own (<c>com</c>, <c>co.uk</c>, <c>github.io</c>): the public suffix list as of its date, part of the library.</summary>
internal static class PublicSuffixes
{
    private const string Resource = "PublicSuffixes.bin";

    private static readonly byte[] Data = Load();

    /// <summary>When the list was published, as the number yyyymmdd.</summary>
    public static int Date => new PublicSuffixTrie(Data).Date;

    /// <summary>Whether a name is a public suffix.</summary>
    /// <param name="name">A host name in its one spelling; see <see cref="HostText.Canonical"/>.</param>
    public static bool Contains(ReadOnlySpan<char> name) => !IsAddress(name) && new PublicSuffixTrie(Data).SuffixStart(name) == 0;

    /// <summary>What belongs to one owner: a public suffix and the label before it; an address, and a suffix itself, stand alone.</summary>
    /// <param name="host">A host in its one spelling.</param>
    public static ReadOnlySpan<char> Site(ReadOnlySpan<char> host)
    {
        if (IsAddress(host))
            return host;
        var suffix = new PublicSuffixTrie(Data).SuffixStart(host);
        return suffix == 0 ? host : host[(host[..(suffix - 1)].LastIndexOf('.') + 1)..];
    }

    /// <summary>Whether a host in its one spelling is an address.</summary>
    public static bool IsAddress(ReadOnlySpan<char> host) => host.Contains(':') || IPv4Text.EndsInNumber(host);

    private static byte[] Load()
    {
        using var stream = typeof(PublicSuffixes).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The library was built without {Resource}.");
        var data = new byte[stream.Length];
        stream.ReadExactly(data);
        return data;
    }
}
