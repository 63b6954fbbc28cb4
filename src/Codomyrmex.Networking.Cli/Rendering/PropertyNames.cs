namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>
/// Puts options of the command line in the place of the library's properties. Texts of the library name its own in brackets, as in <c>(RedirectOptions.Limit)</c>; here these become
/// <c>(--max-redirects)</c>, and what no option sets is left out.
/// </summary>
internal static class PropertyNames
{
    /// <summary>The library's names, and the options that do the same; null where there is none.</summary>
    private static readonly Dictionary<string, string?> Options = new(StringComparer.Ordinal)
    {
        ["AgentCardOptions.AllowUnsigned"] = null,
        ["AwsSignatureOptions.UnsignedPayload"] = null,
        ["CircuitBreakerOptions"] = null,
        ["ClientCertificate"] = null,
        ["CookieJar"] = null,
        ["DnsHttpsOptions.Bootstrap"] = null,
        ["FleetAgentOptions.ClaimTimeout"] = null,
        ["HTTPClient.WaitForAsync"] = null,
        ["HTTPClientOptions.MessageHandlerTrustedForEgress"] = null,
        ["HTTPException.BodyExcerpt"] = null,
        ["HostKeyTrust.AcceptNew"] = "--accept-new",
        ["HostKeyTrust.PinnedFingerprints"] = "--host-key",
        ["HostKeyTrust.ValidatingResolver"] = "--sshfp",
        ["HostLimitOptions.Concurrency"] = null,
        ["HostLimitOptions.MaxWait"] = null,
        ["HostLimitOptions.QueueLength"] = null,
        ["HttpVersionChoice"] = "--http1.1, --http2, --http3",
        ["HttpVersionChoice.PreferHttp3"] = null,
        ["LongRunningOptions.AllowOtherOrigins"] = null,
        ["LongRunningOptions.Timeout"] = null,
        ["MaxFrameBytes"] = "--max-frame",
        ["MinimumRate"] = null,
        ["ModelBudget"] = null,
        ["ModelStreamException.RemoteKind"] = null,
        ["ModelStreamOptions.Format"] = null,
        ["NetworkBudget"] = null,
        ["OutboxOptions"] = null,
        ["OutboxOptions.MaxBytes"] = null,
        ["OutboxOptions.MaxEntries"] = null,
        ["Overwrite"] = null,
        ["PageOptions.AllowOtherOrigins"] = null,
        ["PageOptions.Limit"] = null,
        ["ProxyOptions.TrustedForEgress"] = null,
        ["ProxyPool.GetStatus"] = null,
        ["RedirectOptions.AllowDowngrade"] = null,
        ["RedirectOptions.Limit"] = "--max-redirects",
        ["RedisLimiterOptions.OnLoss"] = null,
        ["RequestBody.IsReplayable"] = null,
        ["RequestOptions.Credential"] = null,
        ["Response.EnsureSuccess"] = null,
        ["Resume"] = null,
        ["ResponseLimits.BufferedBytes"] = "--max-size",
        ["ResponseLimits.ContentEncodings"] = null,
        ["ResponseLimits.DecompressionRatio"] = null,
        ["ResponseLimits.EventBytes"] = null,
        ["ResponseLimits.HeaderBytes"] = null,
        ["ResponseLimits.LineBytes"] = null,
        ["ResponseLimits.StreamedBytes"] = "--max-size",
        ["RetryOptions.RetryAfterCap"] = null,
        ["RpcException.RemoteCode"] = null,
        ["RpcOptions.MessageBytes"] = null,
        ["RpcServerOptions.BytesPerAddress"] = null,
        ["SSHAlgorithms.Compatible"] = null,
        ["SSHAlgorithms.Legacy"] = "--legacy",
        ["SSHClient.StartAsync"] = null,
        ["SSHClientOptions.MaxSessions"] = null,
        ["SSHClientOptions.MinimumRsaBits"] = null,
        ["SSHClientOptions.Reconnect"] = null,
        ["SSHCommandOptions.MaxOutputBytes"] = "--max-output",
        ["SSHCredential.KeyFile"] = "--key",
        ["SSHCredential.OnlyFor"] = null,
        ["SSHCredential.Password"] = "--password-file",
        ["SSHSudo.Password"] = null,
        ["ScanMode.Connect"] = "--mode connect",
        ["ScanPlan.AllowUnresolvedExclusions"] = "--allow-unresolved-exclusions",
        ["ScanPlan.Scope"] = "--scope",
        ["SendQueueOptions"] = null,
        ["SendQueueOptions.Bytes"] = null,
        ["SftpFileSystem.CreateDirectoryAsync"] = null,
        ["SftpTreeOptions.MaxEntries"] = null,
        ["TCPServerLimits.Handshake"] = null,
        ["Timeouts.Connect"] = "--connect-timeout",
        ["Timeouts.FirstByte"] = null,
        ["Timeouts.Idle"] = "--idle-timeout",
        ["Timeouts.Resolve"] = null,
        ["Timeouts.Tls"] = null,
        ["Timeouts.Total"] = "--timeout",
        ["TlsOptions.InsecureAcceptAnyCertificate"] = "--insecure",
        ["TlsServerOptions.SelectCertificate"] = null,
        ["TransportOptions.BindAddress"] = null,
        ["TransportOptions.Budget"] = null,
        ["TransportOptions.DialOver"] = null,
        ["TransportOptions.Proxy"] = "--proxy",
        ["TransportOptions.Resolver"] = "--resolve, --dns, -4, -6",
        ["TransportOptions.Tls"] = "--cacert, --cert, --pin, --insecure",
        ["TransportOptions.UnixSocketPath"] = null,
        ["TrustedRoots"] = null,
        ["UDPClientOptions.AllowBroadcast"] = "--broadcast",
        ["WebSocketHttpVersion.Http11"] = null,
        ["WebSocketHttpVersion.PreferHttp2"] = null,
        ["WebSocketLimits.Fragments"] = null,
        ["WebSocketLimits.FrameBytes"] = "--max-size",
        ["WebSocketLimits.MessageBytes"] = "--max-size",
        ["WebSocketMessageWriter.CompleteAsync"] = null,
        ["WebSocketOptions.Headers"] = "--auth, --bearer-env, --header",
        ["WebSocketOptions.OnConnected"] = null,
        ["WebSocketOptions.PongTimeout"] = "--idle-timeout",
        ["WebSocketOptions.Prepare"] = null,
        ["WebSocketOptions.Reconnect"] = "--reconnect",
        ["WebSocketOptions.RedirectLimit"] = null,
        ["WebSocketReconnect.MaxAttempts"] = "--retry",
        ["WebhookOptions.Tolerance"] = null,
    };

    /// <summary>A text of the library in words of the command line.</summary>
    public static string Replace(string text)
    {
        for (var open = text.IndexOf(" (", StringComparison.Ordinal); open >= 0; open = text.IndexOf(" (", open + 1, StringComparison.Ordinal))
        {
            var close = text.IndexOf(')', open);
            if (close < 0)
                break;
            if (Words(text[(open + 2)..close]) is not { } words)
                continue;
            var insert = words.Length == 0 ? "" : $" ({words})";
            text = string.Concat(text.AsSpan(0, open), insert, text.AsSpan(close + 1));
            open += insert.Length - 1;
        }
        return text;
    }

    /// <summary>What stands in brackets, in options; null where it names nothing of the library. Where an option stands there already, the rest is for programs.</summary>
    private static string? Words(string inside)
    {
        var parts = inside.Split([", ", "; "], StringSplitOptions.None);
        if (!Array.Exists(parts, Options.ContainsKey))
            return null;
        var words = parts.Where(static part => !Options.ContainsKey(part)).ToList();
        if (!words.Exists(static word => word.StartsWith('-') || word.StartsWith("CODONET_", StringComparison.Ordinal) || word.StartsWith("codonet ", StringComparison.Ordinal)))
            words.AddRange(parts.Select(static part => Options.GetValueOrDefault(part)).OfType<string>().Distinct());
        return string.Join(", ", words);
    }
}
