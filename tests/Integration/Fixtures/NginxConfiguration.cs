namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>The configuration of an nginx that is one process, writes into its own folder alone and logs to standard error.</summary>
internal static class NginxConfiguration
{
    /// <summary>Starts it.</summary>
    /// <param name="folder">Where it lives; <c>cert.pem</c> and <c>key.pem</c> are its certificate.</param>
    /// <param name="port">A port that is open once it is up.</param>
    /// <param name="http">What stands in its <c>http</c> block.</param>
    public static Task<ServerProcess> StartAsync(ServerFolder folder, int port, string http)
    {
        var configuration = folder.Write("nginx.conf", $$"""
            daemon off;
            master_process off;
            worker_processes 1;
            pid {{folder["nginx.pid"]}};
            error_log stderr info;
            events { worker_connections 256; }
            http {
              access_log off;
              client_body_temp_path {{folder["tmp1"]}};
              proxy_temp_path {{folder["tmp2"]}};
              fastcgi_temp_path {{folder["tmp3"]}};
              uwsgi_temp_path {{folder["tmp4"]}};
              scgi_temp_path {{folder["tmp5"]}};
              ssl_certificate {{folder["cert.pem"]}};
              ssl_certificate_key {{folder["key.pem"]}};
              {{http}}
            }

            """);
        return ServerProcess.StartAsync(folder, port, "/usr/sbin/nginx", "-p", folder.Path, "-c", configuration, "-e", "stderr");
    }
}
