using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Samples behind addresses of this machine, of which one is answered when the test says so: who reads it is at work until then.</summary>
internal sealed class SlowSamples : IDisposable
{
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(2);

    private readonly HttpListener server = new();
    private readonly ManualResetEventSlim answers = new(initialState: true);
    private readonly ManualResetEventSlim asked = new();
    private readonly int slow;

    /// <param name="count">Number of samples, vectors of 4.</param>
    /// <param name="slow">The one that is held back.</param>
    public SlowSamples(int count, int slow)
    {
        this.slow = slow;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            server.Prefixes.Add($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        }
        Addresses = [.. Enumerable.Range(0, count).Select(i => $"{server.Prefixes.Single()}{i}.npy")];
        server.Start();
        _ = Task.Run(Serve);
    }

    /// <summary>The addresses of the samples.</summary>
    public string[] Addresses { get; }

    /// <summary>Answers all.</summary>
    public void Answer() => answers.Set();

    /// <summary>Holds the slow one back from now on.</summary>
    public void Hold()
    {
        asked.Reset();
        answers.Reset();
    }

    /// <summary>Waits until somebody asks for the slow one.</summary>
    public void WaitUntilAsked()
    {
        if (!asked.Wait(MostTime))
            throw new TimeoutException("nobody asks for the slow sample");
    }

    public void Dispose()
    {
        answers.Set();
        server.Close();
        answers.Dispose();
        asked.Dispose();
    }

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                HttpListenerContext request = await server.GetContextAsync();
                _ = Task.Run(() => Respond(request));
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private void Respond(HttpListenerContext request)
    {
        int sample = int.Parse(Path.GetFileNameWithoutExtension(request.Request.Url!.AbsolutePath), CultureInfo.InvariantCulture);
        if (sample == slow)
        {
            asked.Set();
            answers.Wait(MostTime);
        }
        try
        {
            request.Response.OutputStream.Write(NpyFile.Write(Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 4), [sample, MathF.Sin(sample), -sample, 1])));
            request.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException)
        {
        }
    }
}
