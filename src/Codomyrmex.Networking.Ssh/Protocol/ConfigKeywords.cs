namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>The keywords of <c>ssh_config</c>: a word that is none of them is an error, since a rule that is not understood is not kept.</summary>
internal static class ConfigKeywords
{
    /// <summary>Every line of these adds to the ones before.</summary>
    private static readonly HashSet<string> Lists =
    [
        "identityfile", "certificatefile", "localforward", "remoteforward", "dynamicforward", "sendenv",
    ];

    /// <summary>These would run a program of this machine.</summary>
    private static readonly HashSet<string> Programs = ["proxycommand", "knownhostscommand", "pkcs11provider", "securitykeyprovider"];

    private static readonly HashSet<string> Known =
    [
        .. Lists, .. Programs, "host", "match", "include", "ignoreunknown",
        "addkeystoagent", "addressfamily", "batchmode", "bindaddress", "bindinterface", "canonicaldomains", "canonicalizefallbacklocal",
        "canonicalizehostname", "canonicalizemaxdots", "canonicalizepermittedcnames", "casignaturealgorithms", "channeltimeout",
        "checkhostip", "ciphers", "clearallforwardings", "compression", "connectionattempts", "connecttimeout", "controlmaster",
        "controlpath", "controlpersist", "enableescapecommandline", "enablesshkeysign", "escapechar", "exitonforwardfailure",
        "fingerprinthash", "forkafterauthentication", "forwardagent", "forwardx11", "forwardx11timeout", "forwardx11trusted",
        "gatewayports", "globalknownhostsfile", "gssapiauthentication", "gssapidelegatecredentials", "hashknownhosts",
        "gssapikeyexchange", "gssapiclientidentity", "gssapirenewalforcesrekey", "gssapiserveridentity", "gssapitrustdns", "gssapikexalgorithms",
        "hostbasedacceptedalgorithms", "hostbasedkeytypes", "hostbasedauthentication", "hostkeyalgorithms", "hostkeyalias", "hostname",
        "identitiesonly", "identityagent", "ipqos", "kbdinteractiveauthentication", "challengeresponseauthentication",
        "kbdinteractivedevices", "kexalgorithms", "localcommand", "loglevel", "logverbose", "macs", "nohostauthenticationforlocalhost",
        "numberofpasswordprompts", "obscurekeystroketiming", "passwordauthentication", "permitlocalcommand", "permitremoteopen", "port",
        "preferredauthentications", "protocol", "proxyjump", "proxyusefdpass", "pubkeyacceptedalgorithms", "pubkeyacceptedkeytypes",
        "pubkeyauthentication", "refuseconnection", "rekeylimit", "remotecommand", "requesttty", "requiredrsasize", "revokedhostkeys",
        "rsaminsize", "serveralivecountmax", "serveraliveinterval", "sessiontype", "setenv", "stdinnull", "streamlocalbindmask",
        "streamlocalbindunlink", "stricthostkeychecking", "syslogfacility", "tag", "tcpkeepalive", "tunnel", "tunneldevice",
        "updatehostkeys", "user", "userknownhostsfile", "verifyhostkeydns", "versionaddendum", "visualhostkey", "warnweakcrypto",
        "xauthlocation", "keepalive", "dsaauthentication", "skeyauthentication", "tisauthentication", "useroaming", "usekeychain",
    ];

    public static bool IsKnown(string keyword) => Known.Contains(keyword);

    public static bool IsList(string keyword) => Lists.Contains(keyword);

    public static bool RunsProgram(string keyword) => Programs.Contains(keyword);

    /// <summary>The name under which an older spelling is kept.</summary>
    public static string Canonical(string keyword) => keyword switch
    {
        "pubkeyacceptedkeytypes" => "pubkeyacceptedalgorithms",
        "challengeresponseauthentication" or "skeyauthentication" or "tisauthentication" => "kbdinteractiveauthentication",
        "keepalive" => "tcpkeepalive",
        "rsaminsize" => "requiredrsasize",
        _ => keyword,
    };
}
