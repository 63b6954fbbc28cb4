using System.Globalization;
using System.Reflection;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>The classes of holes that other clients had, with the numbers that tests name in their <c>Cve</c> trait: each has a test that shows it absent here.</summary>
public class CveClassTests
{
    private static readonly Dictionary<int, string> Classes = new()
    {
        [1] = "Authorization or Cookie follow a redirect to another host, port or scheme (CVE-2018-18074, CVE-2022-27776)",
        [2] = "secret fields of other names do (X-Api-Key)",
        [3] = "Proxy-Authorization reaches the origin (CVE-2023-32681, CVE-2024-24758)",
        [4] = "a netrc entry of another host is used (CVE-2024-47081, CVE-2024-11053)",
        [5] = "user information of a URL in Referer, log or error (CVE-2021-22876)",
        [6] = "a redirect to file:, unix: or another scheme (CVE-2022-33987)",
        [7] = "credentials meant for one host go to all (CVE-2021-41125)",
        [8] = "a redirect from https to http",
        [9] = "switched-off verification stays on a pooled connection (CVE-2024-35195)",
        [10] = "a pooled connection of other certificates, credentials or proxies is used again (CVE-2022-27782)",
        [11] = "the proxy's certificate goes unverified (CVE-2022-32210)",
        [12] = "a pin is not asked for on another path (CVE-2025-5025)",
        [13] = "secrets in logs and traces",
        [14] = "line breaks in method, field, path, host or part name (CVE-2022-31150, CVE-2024-45302)",
        [15] = "an absolute URL beats the base (CVE-2022-35949, CVE-2025-27152)",
        [16] = "two readers see two hosts in one URL (CVE-2022-27780)",
        [17] = "two readings of where a message ends (CVE-2025-55315, CVE-2025-43859)",
        [18] = "parsers whose time explodes (CVE-2021-32640)",
        [19] = "a remote value picks code or a type",
        [20] = "a file name from the server leaves the folder (CVE-2020-8177)",
        [21] = "terminal escapes from the network (CVE-2019-6109)",
        [22] = "temporary files with names that can be guessed (CVE-2026-25645)",
        [23] = "decompression bombs (CVE-2025-66471)",
        [24] = "stacked content codings (CVE-2022-32206, CVE-2025-66418)",
        [25] = "a zstd window that takes more memory than HTTP allows (RFC 9659)",
        [26] = "endless fields and interim answers (CVE-2023-38039)",
        [27] = "floods of HTTP/2 frames (CVE-2023-44487)",
        [28] = "endless lines and events",
        [29] = "messages of endless tiny or empty fragments",
        [30] = "peers that are slow on purpose, in any phase",
        [31] = "retry storms",
        [32] = "cookies for public suffixes, odd names and paths (CVE-2022-27779, CVE-2023-46218)",
        [33] = "a host known to be for https is asked over http (CVE-2022-30115, CVE-2024-9681)",
        [34] = "DNS rebinding",
        [35] = "odd spellings of forbidden addresses",
        [36] = "redirects to forbidden addresses",
        [37] = "a proxy of the environment goes round the policy",
        [38] = "a server on this machine that web pages can speak to",
        [39] = "masks that can be foretold (CVE-2025-10148)",
        [40] = "memory of ours in a close frame",
        [41] = "secrets compared in a time that tells (CVE-2021-33880)",
        [42] = "a WebSocket that is used before the server's answer was checked",
        [43] = "messages slipped into a key exchange (CVE-2023-48795)",
        [44] = "messages out of their time, such as a success that nobody asked for (CVE-2018-10933, CVE-2023-46445)",
        [45] = "keys from a source that can be foretold (CVE-2022-29245)",
        [46] = "a private key that others can open for a moment (CVE-2022-24302)",
        [47] = "blanks, quotes and control characters in a user or host (CVE-2023-51385, CVE-2025-61984)",
        [48] = "a host key that is accepted because something failed (CVE-2025-26465)",
        [49] = "a revocation of a key or a signer that is passed over",
        [50] = "an agent that is handed to servers (CVE-2023-38408)",
        [51] = "sizes that nobody checked: packets, keys, windows",
        [52] = "names of a server's that leave the folder (CVE-2019-6111)",
        [53] = "SHA-1, DSA, CBC and other old algorithms unasked",
        [54] = "a configuration that runs programs",
        [55] = "a PROXY header of a peer that may not send one is believed",
        [56] = "a reply by UDP from another source or to another question is believed",
        [57] = "hostile banners, certificates and packets in answer to a scan",
        [58] = "arithmetic of ports and networks that overflows: 0, 65536, /0",
        [59] = "JSON of great depth, with repeated keys or huge numbers",
    };

    [Fact]
    public void Every_class_has_a_test()
    {
        var tested = typeof(CveClassTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Prepend<MemberInfo>(type))
            .SelectMany(member => member.GetCustomAttributes<TraitAttribute>())
            .Where(trait => trait.Name == "Cve")
            .Select(trait => int.Parse(trait.Value, CultureInfo.InvariantCulture))
            .ToHashSet();
        Assert.DoesNotContain(Classes, known => !tested.Contains(known.Key));
        Assert.DoesNotContain(tested, number => !Classes.ContainsKey(number));
    }
}
