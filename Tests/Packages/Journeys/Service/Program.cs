using System.Net.Http.Json;
using TransformFramework.Engine;
using TransformFramework.Graphs;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddTransformFramework().AddSession("digits", "digits/digits_cnn.pb").AddHealthCheck("digits");
await using WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapPost("/digits", (float[] pixels, [FromKeyedServices("digits")] Session session) =>
    session.Run(new Dictionary<string, Tensor> { ["Placeholder"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 32, 32, 1), pixels) })[^1].AsSpan<float>().ToArray());
await app.StartAsync();

using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
HttpResponseMessage answer = await client.PostAsJsonAsync("/digits", new float[32 * 32]);
float[]? scores = await answer.Content.ReadFromJsonAsync<float[]>();
Console.WriteLine($"{await client.GetStringAsync("/health")}, {scores?.Length} scores");
return scores?.Length == 10 ? 0 : 1;
