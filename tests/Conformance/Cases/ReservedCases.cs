using Codomyrmex.Networking.Tests.Conformance.Steps;
using static Codomyrmex.Networking.Tests.Conformance.Cases.CaseKit;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Sections 3 and 4: reserved bits and reserved opcodes, each failing on the head alone.</summary>
internal static class ReservedCases
{
    private static readonly (string Name, int Opcode)[] Opcodes =
        [("text", Wire.Text), ("binary", Wire.Binary), ("close", Wire.CloseCode), ("ping", Wire.PingCode), ("pong", Wire.PongCode)];

    private static readonly int[] ReservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

    public static IEnumerable<ConformanceCase> All =>
    [
        .. from rsv in Enumerable.Range(1, 7)
           from opcode in Opcodes
           select Fails($"3.{rsv}.{opcode.Name}", $"reserved bits {rsv} on a {opcode.Name} frame", 1002, [.. Greeting, new Send(Wire.Head(opcode.Opcode, 5, rsv: rsv))]),
        .. from rsv in Enumerable.Range(1, 7)
           select Fails($"3.{rsv}.continuation", $"reserved bits {rsv} on a continuation", 1002,
               [.. Greeting, new Send((byte[])[.. Wire.Frame(Wire.Text, "a"u8, fin: false), .. Wire.Head(Wire.Continuation, 5, rsv: rsv)])]),
        .. from rsv in Enumerable.Range(1, 7)
           select Fails($"3.{rsv}.whole", $"reserved bits {rsv} on a whole text frame, byte by byte, with a ping behind it", 1002,
               [.. Greeting, new Send((byte[])[.. Wire.Frame(Wire.Text, "Hello"u8, rsv: rsv), .. Wire.Ping()], 1)]),
        .. from opcode in ReservedOpcodes
           from length in (int[])[0, 12]
           select Fails($"4.{opcode}.{length}", $"the reserved opcode {opcode} with {length} bytes", 1002, [.. Greeting, new Send(Wire.Head(opcode, length))]),
        .. from opcode in ReservedOpcodes
           select Fails($"4.{opcode}.within", $"the reserved opcode {opcode} within a message, with a ping behind it", 1002,
               [.. Greeting, new Send((byte[])[.. Wire.Frame(Wire.Text, "a"u8, fin: false), .. Wire.Frame(opcode, "b"u8), .. Wire.Ping()])]),
    ];
}
