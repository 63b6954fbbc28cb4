using Codomyrmex.Networking.Tests.Conformance.Steps;
using static Codomyrmex.Networking.Tests.Conformance.Cases.CaseKit;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Section 7: the end of the conversation.</summary>
internal static class CloseCases
{
    private static readonly int[] Allowed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
    private static readonly int[] Forbidden = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535];

    public static IEnumerable<ConformanceCase> All =>
    [
        Works("7.1.1", "a text, then the close", Greeting),
        Closed("7.1.2", "two close frames", [.. Wire.Close(1000), .. Wire.Close(1000)]),
        Closed("7.1.3", "a ping behind the close frame is not answered", [.. Wire.Close(1000), .. Wire.Ping("late")]),
        Closed("7.1.4", "a text behind the close frame is not sent back", [.. Wire.Close(1000), .. Wire.Frame(Wire.Text, "late"u8)]),
        Closed("7.1.5", "a part behind the close frame is not looked at", [.. Wire.Close(1000), .. Wire.Frame(Wire.Text, [0xFF], fin: false)]),
        Works("7.1.6", "a text of 256 KiB is sent back whole before the close", new Send(Whole(true, Wire.Letters(262144))), new SeesMessage(true, Wire.Letters(262144))),
        Works("7.1.7", "many texts right before the close are all sent back",
            [new Send((byte[])[.. Enumerable.Range(0, 100).SelectMany(number => Wire.Frame(Wire.Text, Wire.Utf8($"{number}")))]),
                .. Enumerable.Range(0, 100).Select(number => new SeesMessage(true, Wire.Utf8($"{number}")))]),
        new("7.3.1", "a close frame without payload", ClientEnd.Clean, new Send(Wire.Frame(Wire.CloseCode, [])), new SeesClose(1005, 1000)),
        Fails("7.3.2", "a close frame with half a code", 1002, new Send(Wire.Frame(Wire.CloseCode, [3]))),
        Closed("7.3.4", "a close frame with a reason", Wire.Close(1000, "Hello World!")),
        Closed("7.3.5", "a close frame with the longest reason", Wire.Close(1000, new string('*', 123))),
        Closed("7.3.5.chopped", "a close frame with the longest reason, byte by byte", Wire.Close(1000, new string('*', 123)), 1),
        Fails("7.3.6", "a close frame with a reason that is too long", 1002, new Send(Wire.Close(1000, new string('*', 124)))),
        .. Utf8Sequences.Invalid.Concat(Utf8Sequences.Unfinished).Where(hex => hex.Length <= 16).Select(hex =>
            Fails($"7.5.{hex}", $"a close frame with the reason {hex}, which is no UTF-8", 1007,
                new Send(Wire.Frame(Wire.CloseCode, (byte[])[3, 232, .. Wire.Utf8("κόσμε"), .. Convert.FromHexString(hex)])))),
        Closed("7.5.valid", "a close frame with a reason in many scripts", Wire.Close(1000, "κόσμε 日本語 🦊")),
        .. from code in Allowed
           from reason in (string[])["", "because"]
           select new ConformanceCase($"7.7.{code}{(reason.Length > 0 ? ".reason" : "")}", $"the close code {code}{(reason.Length > 0 ? " with a reason" : "")} comes back", code == 1000 ? ClientEnd.Clean : ClientEnd.Either,
               new Send(Wire.Close(code, reason)), new SeesClose(code)),
        .. from code in Forbidden
           from reason in (string[])["", "because"]
           select Fails($"7.9.{code}{(reason.Length > 0 ? ".reason" : "")}", $"the close code {code}{(reason.Length > 0 ? " with a reason" : "")}, which may not be sent", 1002, new Send(Wire.Close(code, reason))),
        new("7.10.1", "the server ends without a close frame", ClientEnd.Failed, [.. Greeting, new SeesEnd(AfterServer: true)]),
        new("7.10.2", "the server ends within a frame's head", ClientEnd.Failed, [.. Greeting, new Send(new byte[] { 0x81 }), new SeesEnd(AfterServer: true)]),
        new("7.10.3", "the server ends within a frame", ClientEnd.Failed, [.. Greeting, new Send(Wire.Frame(Wire.Text, "half"u8)[..4]), new SeesEnd(AfterServer: true)]),
        new("7.10.4", "the server ends between two parts", ClientEnd.Failed, [.. Greeting, new Send(Wire.Frame(Wire.Text, "half"u8, fin: false)), new SeesEnd(AfterServer: true)]),
        ClientFirst("7.11.1", "the client closes, the server answers"),
        ClientFirst("7.11.2", "the client closes while messages and pings are under way",
            (byte[])[.. Wire.Frame(Wire.Text, "under way"u8), .. Wire.Frame(Wire.Binary, [1, 2, 3]), .. Wire.Ping("too late")]),
        ClientFirst("7.11.3", "the client closes within a message of the server's", Wire.Frame(Wire.Text, "half"u8, fin: false)),
    ];

    private static ConformanceCase Closed(string id, string title, byte[] bytes, int chop = int.MaxValue) => new(id, title, ClientEnd.Clean, new Send(bytes, chop), new SeesClose(1000));

    private static ConformanceCase ClientFirst(string id, string title, byte[]? meanwhile = null) =>
        new(id, title, ClientEnd.Clean, new Send(Wire.Frame(Wire.Text, "close now"u8)), new SeesFrame(Testing.WebSocketOpcode.Close, (byte[])[3, 232, .. "done"u8]),
            new Send((byte[])[.. meanwhile ?? [], .. Wire.Close(1000, "done")]), new SeesEnd(AfterServer: true))
        { ClientCloses = true };
}
