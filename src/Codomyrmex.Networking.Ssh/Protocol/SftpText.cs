using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Reads what an SFTP server answers. Whatever is malformed is a <see cref="FormatException"/>.</summary>
internal static class SftpText
{
    private const uint HasSize = 1;
    private const uint HasOwner = 2;
    private const uint HasMode = 4;
    private const uint HasTimes = 8;
    private const uint HasExtended = 0x80000000;
    private const int MostNames = 100_000;

    /// <summary>Attributes (section 5); extended ones are passed over.</summary>
    public static SftpAttributes Attributes(ref WireReader reader)
    {
        var flags = reader.UInt32();
        var attributes = new SftpAttributes();
        if ((flags & HasSize) != 0)
            attributes = attributes with { Size = Size(reader.UInt64()) };
        if ((flags & HasOwner) != 0)
            attributes = attributes with { UserId = reader.UInt32(), GroupId = reader.UInt32() };
        if ((flags & HasMode) != 0)
            attributes = attributes with { Mode = reader.UInt32() };
        if ((flags & HasTimes) != 0)
            attributes = attributes with { Accessed = DateTimeOffset.FromUnixTimeSeconds(reader.UInt32()), Modified = DateTimeOffset.FromUnixTimeSeconds(reader.UInt32()) };
        if ((flags & HasExtended) == 0)
            return attributes;
        for (var left = reader.UInt32(); left > 0; left--)
        {
            _ = reader.String();
            _ = reader.String();
        }
        return attributes;
    }

    /// <summary>Names with their attributes (section 7); the server's own rendering of each, made for people, is passed over.</summary>
    public static IReadOnlyList<(string Name, SftpAttributes Attributes)> Names(ref WireReader reader)
    {
        var count = reader.UInt32();
        if (count > MostNames)
            throw new FormatException($"A listing of {count} names.");
        var names = new List<(string, SftpAttributes)>();
        for (var i = 0; i < count; i++)
        {
            var name = reader.Text();
            _ = reader.String();
            names.Add((name, Attributes(ref reader)));
        }
        reader.End();
        return names;
    }

    /// <summary>A status and the server's words, which old servers leave out.</summary>
    public static (uint Code, string Words) Status(ref WireReader reader)
    {
        var code = reader.UInt32();
        return (code, reader.Remaining > 0 ? Encoding.UTF8.GetString(reader.String()) : "");
    }

    /// <summary>The version and the extensions that a server names.</summary>
    public static (uint Version, IReadOnlyDictionary<string, string> Extensions) Version(ref WireReader reader)
    {
        var version = reader.UInt32();
        var extensions = new Dictionary<string, string>();
        while (reader.Remaining > 0 && extensions.Count < 1000)
            extensions[reader.Text()] = Encoding.ASCII.GetString(reader.String());
        return (version, extensions);
    }

    public static WireWriter Write(this WireWriter writer, SftpAttributes attributes)
    {
        var flags = (attributes.Size is null ? 0 : HasSize) | (attributes.UserId is null || attributes.GroupId is null ? 0 : HasOwner) | (attributes.Mode is null ? 0 : HasMode) |
            (attributes.Modified is null ? 0 : HasTimes);
        writer.UInt32(flags);
        if ((flags & HasSize) != 0)
            writer.UInt64((ulong)attributes.Size!.Value);
        if ((flags & HasOwner) != 0)
            writer.UInt32(attributes.UserId!.Value).UInt32(attributes.GroupId!.Value);
        if ((flags & HasMode) != 0)
            writer.UInt32(attributes.Mode!.Value);
        if ((flags & HasTimes) != 0)
            writer.UInt32(Seconds(attributes.Accessed ?? attributes.Modified!.Value)).UInt32(Seconds(attributes.Modified!.Value));
        return writer;
    }

    private static long Size(ulong size) => size <= long.MaxValue ? (long)size : throw new FormatException($"A size of {size} bytes.");

    private static uint Seconds(DateTimeOffset time) => (uint)Math.Clamp(time.ToUnixTimeSeconds(), 0, uint.MaxValue);
}
