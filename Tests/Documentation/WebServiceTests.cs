using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TransformFramework.Documentation.Tests;

/// <summary>The web service of example 6, asked by a client over HTTP.</summary>
public sealed class WebServiceTests : IAsyncLifetime
{
    private readonly Process service = Process.Start(new ProcessStartInfo("dotnet", [Checkout.Built("examples/06-web-service/Service", "Service.dll"), "--urls=http://127.0.0.1:0", $"--Model={Checkout.PathOf("examples/01-digits/digits_cnn.pb")}"])
    {
        RedirectStandardOutput = true,
    })!;

    private readonly HttpClient client = new();

    public async Task InitializeAsync()
    {
        while (await service.StandardOutput.ReadLineAsync() is { } line)
        {
            int address = line.IndexOf("http://", StringComparison.Ordinal);
            if (address < 0)
                continue;
            client.BaseAddress = new(line[address..].Trim());
            _ = service.StandardOutput.ReadToEndAsync();
            return;
        }
        Assert.Fail("the service ended before it listened");
    }

    [Theory]
    [InlineData("digit_7_test_004.png", "7")]
    [InlineData("digit_0_test_019.png", "0")]
    public async Task A_image_is_classified(string image, string digit)
    {
        var classes = await Classify(await File.ReadAllBytesAsync(Checkout.PathOf($"examples/01-digits/images/{image}")));
        Assert.Equal(HttpStatusCode.OK, classes.Status);
        Assert.Equal(digit, classes.Body.RootElement[0].GetProperty("name").GetString());
        Assert.True(classes.Body.RootElement[0].GetProperty("score").GetSingle() > 0.5f);
    }

    [Fact]
    public async Task Many_clients_at_once_get_the_same_answer()
    {
        byte[] image = await File.ReadAllBytesAsync(Checkout.PathOf("examples/01-digits/images/digit_7_test_004.png"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Classify(image)));
        Assert.Single(answers.Select(answer => answer.Body.RootElement.GetRawText()).Distinct());
    }

    [SkippableFact]
    public async Task It_answers_all_requests_under_load()
    {
        Skip.If(Checkout.Shell("command -v wrk", Checkout.Root).ExitCode != 0, "wrk is not installed");
        await Classify(await File.ReadAllBytesAsync(Checkout.PathOf("examples/01-digits/images/digit_7_test_004.png")));
        var (exitCode, output) = Checkout.Shell($"wrk -t1 -c8 -d2s --timeout 30s --latency -s examples/06-web-service/classify.lua {client.BaseAddress}classify", Checkout.Root);
        Assert.True(exitCode == 0, output);
        Assert.True(Regex.IsMatch(output, @"[1-9]\d* requests in", RegexOptions.None, TimeSpan.FromSeconds(1)), output);
        Assert.DoesNotContain("Non-2xx", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Socket errors", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_image_is_refused_with_a_reason()
    {
        using HttpResponseMessage answer = await client.PostAsync("/classify", new StringContent("no image"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("the body is no image\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task It_is_healthy() => Assert.Equal("Healthy", await client.GetStringAsync("/health"));

    public Task DisposeAsync()
    {
        service.Kill();
        service.Dispose();
        client.Dispose();
        return Task.CompletedTask;
    }

    private async Task<(HttpStatusCode Status, JsonDocument Body)> Classify(byte[] image)
    {
        using HttpResponseMessage answer = await client.PostAsync("/classify", new ByteArrayContent(image));
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonDocument>())!);
    }
}
