using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Tests;

/// <summary>Operators that the oracle does not call, by values from their definition. The inputs are a = [1, -2, 3] and b = [2, 2, -1] unless a row says otherwise.</summary>
public sealed class OperatorTests
{
    [Theory]
    [InlineData("Expm1", "", "$a", "1.7182818 -0.86466473 19.085537")]
    [InlineData("Sign", "", "$a", "1 -1 1")]
    [InlineData("Reciprocal", "", "$a", "1 -0.5 0.33333334")]
    [InlineData("Cosh", "", "$a", "1.5430807 3.7621956 10.067662")]
    [InlineData("Selu", "", "$a", "1.050701 -1.5201665 3.152103")]
    [InlineData("Softsign", "", "$a", "0.5 -0.6666667 0.75")]
    [InlineData("Log2", "", "$a", "0 NaN 1.5849625")]
    [InlineData("Log10", "", "$a", "0 NaN 0.47712126")]
    [InlineData("HardSigmoid", "", "$a", "0.6666667 0.16666667 1")]
    [InlineData("HardSilu", "", "$a", "0.6666667 -0.33333334 3")]
    [InlineData("LogSigmoid", "", "$a", "-0.31326166 -2.126928 -0.04858735")]
    [InlineData("Mish", "", "$a", "0.86509839 -0.25250149 2.98653555")]
    [InlineData("HardTanh", "", "$a", "1 -1 1")]
    [InlineData("TanhShrink", "", "$a", "0.23840584 -1.0359724 2.0049453")]
    [InlineData("SparsePlus", "", "$a", "1 0 3")]
    [InlineData("SparseSigmoid", "", "$a", "1 0 1")]
    [InlineData("Squareplus", "", "$a", "1.618034 0.41421356 3.3027756")]
    [InlineData("Gelu", "\"approximate\": true", "$a", "0.841192 -0.04540229 2.9963627")]
    [InlineData("Gelu", "\"approximate\": false", "$a", "0.84134475 -0.04550028 2.9959502")]
    [InlineData("LogSoftmax", "\"axis\": -1", "$a", "-2.1328452 -5.132845 -0.13284527")]
    [InlineData("Power", "", "$a, 2.0", "1 4 9")]
    [InlineData("Mod", "", "$a, 2.0", "1 0 1")]
    [InlineData("FloorDivide", "", "$a, $b", "0 -1 -3")]
    [InlineData("Arctan2", "", "$a, $b", "0.4636476 -0.7853982 1.8925469")]
    [InlineData("Minimum", "", "$a, $b", "1 -2 -1")]
    [InlineData("GreaterEqual", "", "$a, $b", "0 0 1")]
    [InlineData("Less", "", "$a, $b", "1 1 0")]
    [InlineData("LogicalXor", "", "$a, $b", "0 0 0")]
    [InlineData("LogicalNot", "", "$a", "0 0 0")]
    [InlineData("Isnan", "", "$a", "0 0 0")]
    [InlineData("Isfinite", "", "$a", "1 1 1")]
    [InlineData("Isinf", "", "$a", "0 0 0")]
    [InlineData("FullLike", "", "$a, 7", "7 7 7")]
    [InlineData("Cast", "\"dtype\": \"int32\"", "$a", "1 -2 3")]
    [InlineData("Round", "\"decimals\": 1", "$a", "1 -2 3")]
    [InlineData("Identity", "", "$a", "1 -2 3")]
    [InlineData("All", "\"axis\": -1", "$a", "1")]
    [InlineData("Max", "\"axis\": 1, \"keepdims\": true", "$a", "3")]
    [InlineData("Logsumexp", "\"axis\": 1", "$a", "3.1328452")]
    [InlineData("Logsumexp", "\"axis\": 1, \"keepdims\": true", "$a", "3.1328452")]
    [InlineData("Cumprod", "\"axis\": 1", "$a", "1 -2 -6")]
    [InlineData("Argmax", "\"axis\": 1, \"keepdims\": true", "$a", "2")]
    [InlineData("Argmin", "", "$a", "1")]
    [InlineData("Ravel", "", "$a", "1 -2 3")]
    [InlineData("BroadcastTo", "\"shape\": [2, 3]", "$a", "1 -2 3 1 -2 3")]
    [InlineData("Roll", "\"shift\": 1, \"axis\": 1", "$a", "3 1 -2")]
    [InlineData("Tile", "\"repeats\": [2]", "$a", "1 -2 3 1 -2 3")]
    [InlineData("Repeat", "\"repeats\": [1, 0]", "$a", "refused: repeats")]
    [InlineData("Repeat", "\"repeats\": [1, 2, 1], \"axis\": 1", "$a", "1 -2 -2 3")]
    [InlineData("Repeat", "\"repeats\": 2", "$a", "1 1 -2 -2 3 3")]
    [InlineData("Split", "\"indices_or_sections\": 3, \"axis\": 1", "$a", "1")]
    [InlineData("Split", "\"indices_or_sections\": [1], \"axis\": 1", "$a", "1")]
    [InlineData("Pad", "\"pad_width\": 1, \"mode\": \"constant\"", "$a", "0 0 0 0 0 0 1 -2 3 0 0 0 0 0 0")]
    [InlineData("Pad", "\"pad_width\": [[0, 0], [1, 0]], \"mode\": \"symmetric\"", "$a", "1 1 -2 3")]
    [InlineData("Pad", "\"pad_width\": [[0, 0], [1, 0]], \"mode\": \"wrap\"", "$a", "refused: wrap")]
    [InlineData("Triu", "\"k\": 0", "$a", "1 -2 3")]
    [InlineData("Triu", "\"k\": 2", "$a", "refused: triu")]
    [InlineData("Tril", "\"k\": -1", "$a", "refused: tril")]
    [InlineData("Where", "", "$a, $b", "refused: operand")]
    [InlineData("Norm", "\"ord\": 1", "$a", "refused: norm")]
    [InlineData("Normalize", "\"order\": 1", "$a", "refused: order")]
    [InlineData("Einsum", "\"subscripts\": \"ij,ij->i\"", "$a, $b", "-5")]
    [InlineData("Einsum", "\"subscripts\": \"ij,jk->i\"", "$a", "refused: einsum")]
    [InlineData("Matmul", "", "$a, [1.0, 1.0, 1.0]", "2")]
    [InlineData("MaxPool", "\"pool_size\": 2, \"padding\": \"valid\"", "$a", "refused: pool")]
    [InlineData("Transpose", "", "$a", "1 -2 3")]
    [InlineData("Transpose", "\"axes\": [0, 0]", "$a", "refused: order")]
    [InlineData("ExpandDims", "\"axis\": 7", "$a", "refused: axis")]
    [InlineData("Squeeze", "\"axis\": 1", "$a", "refused: squeezed")]
    [InlineData("Reshape", "\"newshape\": [3, -1]", "$a", "1 -2 3")]
    [InlineData("GetItem", "", "$a, [0, 5]", "refused: index")]
    [InlineData("GetItem", "", "$a, [0, {\"class_name\": \"__slice__\", \"config\": {\"start\": 0, \"stop\": 2, \"step\": 0}}]", "refused: index")]
    [InlineData("Snake", "", "$a", "refused: Snake")]
    [InlineData("Add", "", "$a, [[1, 2], [3]]", "refused: ragged")]
    [InlineData("Add", "", "$a, {\"x\": 1}", "refused: number")]
    public void An_operator_of_Keras_3_computes_what_it_says(string name, string configuration, string arguments, string expected) => Check(ModelBuilder.Operator(name, configuration, arguments), "3.15.1", expected);

    [Theory]
    [InlineData("math.erfc", "", "0.15729921 1.9953223 2.2090497e-05")]
    [InlineData("math.rint", "", "1 -2 3")]
    [InlineData("math.squared_difference", "\"y\": $b", "1 16 16")]
    [InlineData("math.multiply_no_nan", "\"y\": $b", "2 -4 -3")]
    [InlineData("math.floormod", "\"y\": 2", "1 0 1")]
    [InlineData("split", "\"num_or_size_splits\": [1, 2], \"axis\": 1", "1")]
    [InlineData("math.argmax", "\"axis\": 1, \"output_type\": \"int32\"", "2")]
    [InlineData("math.reduce_any", "\"axis\": 1", "1")]
    [InlineData("math.reduce_logsumexp", "\"axis\": 1", "3.1328452")]
    [InlineData("linalg.matmul", "\"b\": $b, \"transpose_b\": true", "-5")]
    [InlineData("cast", "\"dtype\": \"float64\"", "1 -2 3")]
    [InlineData("compat.v1.size", "", "3")]
    [InlineData("reshape", "\"shape\": [3, -1]", "1 -2 3")]
    [InlineData("tile", "\"multiples\": [1, 2]", "1 -2 3 1 -2 3")]
    [InlineData("clip_by_value", "\"clip_value_min\": $b, \"clip_value_max\": 2", "2 2 2")]
    [InlineData("nn.gelu", "", "0.84134475 -0.04550028 2.9959502")]
    [InlineData("nn.depth_to_space", "\"block_size\": 2", "refused: blocks")]
    [InlineData("einsum", "", "refused: einsum")]
    [InlineData("gather", "\"indices\": [2, 0], \"axis\": 1, \"batch_dims\": 1", "refused: batch_dims")]
    [InlineData("image.resize", "\"size\": [2]", "refused: resize")]
    [InlineData("math.snake", "", "refused: math.snake")]
    public void A_function_of_TensorFlow_computes_what_it_says(string function, string keywords, string expected) => Check(ModelBuilder.Function(function, keywords), "2.12.0", expected);

    private static void Check(string configuration, string version, string expected)
    {
        if (expected.StartsWith("refused: ", StringComparison.Ordinal))
        {
            var error = Assert.Throws<KerasException>(() => ModelBuilder.Read(configuration, version));
            Assert.Contains(expected[9..], error.Message, StringComparison.OrdinalIgnoreCase);
            return;
        }
        Tensor result = ModelBuilder.Run(ModelBuilder.Read(configuration, version), ModelBuilder.Floats("1,3", "1 -2 3"), ModelBuilder.Floats("1,3", "2 2 -1"))[0];
        float[] wanted = [.. expected.Split(' ').Select(text => float.Parse(text, CultureInfo.InvariantCulture))];
        float[] got = result.ToSingles();
        Assert.Equal(wanted.Length, got.Length);
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(float.IsNaN(wanted[i]) ? float.IsNaN(got[i]) : Math.Abs(wanted[i] - got[i]) <= 2e-6 * Math.Max(1, Math.Abs(wanted[i])), $"element {i} is {got[i]}, wants {wanted[i]}");
    }
}
