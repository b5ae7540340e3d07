using System.Globalization;
using TransformFramework.Engine;
using TransformFramework.Examples;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
string model = builder.Configuration["Model"] ?? "examples/01-digits/digits_cnn.pb";
builder.Services.AddTransformFramework()
    .AddSession("digits", model, new() { Inputs = ["Placeholder"], Outputs = ["DigitsNet/Predictions/Reshape_1"], Threads = 1 })
    .AddHealthCheck("digits");
builder.Services.AddSingleton(provider => new Classifier(provider.GetRequiredKeyedService<Session>("digits")));
WebApplication app = builder.Build();
_ = app.Services.GetRequiredService<Classifier>(); // loads the model now, not at the first request

app.MapHealthChecks("/health");
app.MapPost("/classify", async (HttpRequest request, Classifier classifier, CancellationToken cancellation) =>
{
    try
    {
        return Results.Json(classifier.Classify(await Image.ReadAsync(request.Body, cancellation), cancellation), ResponseJson.Default.ClassArray);
    }
    catch (InvalidDataException error)
    {
        return Results.Text(string.Create(CultureInfo.InvariantCulture, $"{error.Message}\n"), statusCode: StatusCodes.Status400BadRequest);
    }
});
await app.RunAsync();
