using System.Buffers.Binary;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>MongoDB's question for what was built (OP_MSG, "buildInfo"), which is answered without a login, and the version in its answer.</summary>
internal static class MongoMessage
{
    private const int OpMsg = 2013;

    public static byte[] BuildInfo()
    {
        // A BSON document: length, { buildInfo: 1, $db: "admin" }, 0.
        byte[] members = [0x10, .. "buildInfo"u8, 0, 1, 0, 0, 0, 2, .. "$db"u8, 0, 6, 0, 0, 0, .. "admin"u8, 0];
        byte[] message = [.. new byte[16], 0, 0, 0, 0, 0, .. new byte[4], .. members, 0];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), 1);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(12), OpMsg);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(21), members.Length + 5);
        return message;
    }

    public static ServiceFacts? Read(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < 26 || BinaryPrimitives.ReadInt32LittleEndian(answer[12..]) != OpMsg || BinaryPrimitives.ReadInt32LittleEndian(answer[8..]) != 1)
            return null;
        // Not a reader of BSON: a string member by its type, name and end.
        ReadOnlySpan<byte> key = [2, .. "version"u8, 0];
        var at = answer.IndexOf(key);
        var version = at >= 0 && answer.Length > at + key.Length + 4 ? WireText.Version(answer[(at + key.Length + 4)..]) : null;
        return new ServiceFacts("mongodb") { Product = "MongoDB", Version = version };
    }
}
