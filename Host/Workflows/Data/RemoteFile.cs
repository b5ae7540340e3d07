using System.Net;

namespace TransformFramework.Workflows.Data;

/// <summary>Reads files from the addresses of a list, such as presigned ones of an object store. What fails for a moment is tried again.</summary>
internal static class RemoteFile
{
    private const int Tries = 4;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);

    private static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(20) }) { Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">The server refuses; the message has no part of the address, which holds the permission.</exception>
    public static Stream Open(Uri address)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                HttpResponseMessage response = Client.Send(new HttpRequestMessage(HttpMethod.Get, address), HttpCompletionOption.ResponseHeadersRead);
                if (response.IsSuccessStatusCode)
                    return response.Content.ReadAsStream();
                HttpStatusCode status = response.StatusCode;
                response.Dispose();
                if (attempt == Tries || !IsPassing(status))
                    throw new IOException($"the server answers {(int)status} ({status}){(status == HttpStatusCode.Forbidden ? "; the address may have expired" : "")}");
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                if (attempt == Tries)
                    throw new IOException($"the server does not answer: {error.Message}", error);
            }
            Thread.Sleep(FirstWait * (1 << attempt));
        }
    }

    private static bool IsPassing(HttpStatusCode status) => (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
}
