using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>Makes the binary form of the public suffix list; <see cref="PublicSuffixTrie"/> describes it.</summary>
internal static class PublicSuffixWriter
{
    private sealed class Node
    {
        public SortedDictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);

        public byte Flags { get; set; }

        public int First { get; set; }
    }

    public static byte[] Write(IEnumerable<string> lines, DateOnly date)
    {
        var root = new Node();
        foreach (var line in lines)
        {
            // A rule ends at the first blank; what begins with two slashes is a comment (publicsuffix.org/list).
            var rule = line.Split(' ', '\t')[0];
            if (rule.Length > 0 && !rule.StartsWith("//", StringComparison.Ordinal))
                Add(root, rule);
        }
        var nodes = Flatten(root);
        var labels = Labels(nodes.Select(node => node.Label));
        var data = new byte[PublicSuffixTrie.HeadBytes + (nodes.Count * PublicSuffixTrie.NodeBytes) + labels.Length];
        "PSL1"u8.CopyTo(data);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(4), (date.Year * 10_000) + (date.Month * 100) + date.Day);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(8), checked((ushort)root.Children.Count));
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(10), checked((ushort)nodes.Count));
        var at = data.AsSpan(PublicSuffixTrie.HeadBytes);
        foreach (var (label, node) in nodes)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(at, checked((ushort)labels.IndexOf(label, StringComparison.Ordinal)));
            at[2] = checked((byte)label.Length);
            at[3] = node.Flags;
            BinaryPrimitives.WriteUInt16LittleEndian(at[4..], checked((ushort)node.First));
            BinaryPrimitives.WriteUInt16LittleEndian(at[6..], checked((ushort)node.Children.Count));
            at = at[PublicSuffixTrie.NodeBytes..];
        }
        Encoding.ASCII.GetBytes(labels, at);
        return data;
    }

    private static void Add(Node root, string rule)
    {
        var isException = rule.StartsWith('!');
        var name = Ascii(isException ? rule[1..] : rule);
        var isWildcard = name.StartsWith("*.", StringComparison.Ordinal);
        var node = root;
        foreach (var label in (isWildcard ? name[2..] : name).Split('.').Reverse())
        {
            Assert.DoesNotContain("*", label);
            if (!node.Children.TryGetValue(label, out var child))
                node.Children[label] = child = new Node();
            node = child;
        }
        node.Flags |= isException ? PublicSuffixTrie.IsException : isWildcard ? PublicSuffixTrie.IsWildcard : PublicSuffixTrie.IsRule;
    }

    private static string Ascii(string rule) => string.Join('.', rule.ToLowerInvariant().Split('.')
        .Select(label => System.Text.Ascii.IsValid(label) ? label : new IdnMapping().GetAscii(label)));

    /// <summary>Breadth first, so that the children of a node stand side by side.</summary>
    private static List<(string Label, Node Node)> Flatten(Node root)
    {
        var nodes = root.Children.Select(child => (child.Key, child.Value)).ToList();
        for (var i = 0; i < nodes.Count; i++)
        {
            nodes[i].Value.First = nodes.Count;
            nodes.AddRange(nodes[i].Value.Children.Select(child => (child.Key, child.Value)));
        }
        return nodes;
    }

    /// <summary>All labels in one text, each once; a label that is part of another is found within it.</summary>
    private static string Labels(IEnumerable<string> labels)
    {
        var text = new StringBuilder();
        var all = "";
        foreach (var label in labels.Distinct().OrderByDescending(label => label.Length).ThenBy(label => label, StringComparer.Ordinal))
        {
            if (!all.Contains(label, StringComparison.Ordinal))
                all = text.Append(label).ToString();
        }
        return all;
    }
}
