using System.Globalization;
using TransformFramework.Examples;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton(new OnnxClassifier(builder.Configuration["Model"] ?? "digits.onnx"));
WebApplication app = builder.Build();

app.MapPost("/classify", async (HttpRequest request, OnnxClassifier classifier, CancellationToken cancellation) =>
{
    try
    {
        return Results.Json(classifier.Classify(await Image.ReadAsync(request.Body, cancellation)), ResponseJson.Default.ClassArray);
    }
    catch (InvalidDataException error)
    {
        return Results.Text(string.Create(CultureInfo.InvariantCulture, $"{error.Message}\n"), statusCode: StatusCodes.Status400BadRequest);
    }
});
await app.RunAsync();
