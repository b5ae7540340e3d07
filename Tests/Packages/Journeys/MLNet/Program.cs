using Microsoft.ML;
using Microsoft.ML.Data;
using TransformFramework.MachineLearning;

var context = new MLContext();
IDataView digits = context.Data.LoadFromEnumerable([new Digit(), new Digit()]);
var chain = context.Transforms.ApplyGraph("digits/digits_cnn.pb", outputs: [("Scores", "DigitsNet/Predictions/Reshape_1")], inputs: [("Pixels", "Placeholder")], shapes: [[1, 32, 32, 1]])
    .Append(context.Transforms.CopyColumns("Copy", "Scores"));
float[][] scores = [.. chain.Fit(digits).Transform(digits).GetColumn<float[]>("Copy")];
Console.WriteLine($"{scores.Length} rows of {scores[0].Length} scores");
return scores is [{ Length: 10 }, { Length: 10 }] ? 0 : 1;

public sealed class Digit
{
    [VectorType(32 * 32)]
    public float[] Pixels { get; set; } = new float[32 * 32];
}
