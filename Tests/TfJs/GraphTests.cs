using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Keras.Tests;
using TransformFramework.ModelFiles;

namespace TransformFramework.TfJs.Tests;

/// <summary>Graphs as JSON: attributes, fused ops, functions, and what is malformed.</summary>
public sealed class GraphTests
{
    private const string Placeholder = """{"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": 1}, "shape": {"shape": {"dim": [{"size": -1}, {"size": "4"}]}}}}""";

    [Fact]
    public void Fused_ops_become_those_that_TensorFlow_writes()
    {
        Graph graph = Read(
            Placeholder,
            """{"name": "w", "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}, "value": {"tensor": {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": "1"}]}, "floatVal": [1.5]}}}}""",
            """{"name": "y", "op": "_FusedMatMul", "input": ["x", "w", "w"], "attr": {"T": {"type": "DT_FLOAT"}, "num_args": {"i": "1"}, "fused_ops": {"list": {"s": ["Qmlhc0FkZA==", "UmVsdTY="]}}}}""",
            """{"name": "z", "op": "FusedDepthwiseConv2dNative", "input": ["x", "w", "w", "w"], "attr": {"T": {"type": "DT_FLOAT"}, "strides": {"list": {"i": [1, 1, 1, 1]}}, "padding": {"s": "U0FNRQ=="}, "fused_ops": {"list": {"s": ["Qmlhc0FkZA==", "UHJlbHU="]}}}}""",
            """{"name": "p", "op": "Prelu", "input": ["z", "w"], "attr": {"T": {"type": "DT_FLOAT"}}}""",
            """{"name": "l", "op": "_FusedConv2D", "input": ["x", "w"], "attr": {"T": {"type": "DT_FLOAT"}, "strides": {"list": {"i": ["1", "1", "1", "1"]}}, "padding": {"s": "U0FNRQ=="}, "fused_ops": {"list": {"s": ["TGVha3lSZWx1"]}}, "leakyrelu_alpha": {"f": 0.25}}}""");
        Assert.Equal(
            ["Placeholder", "Const", "MatMul", "BiasAdd", "Relu6", "DepthwiseConv2dNative", "BiasAdd", "Relu", "Neg", "Relu", "Mul", "Sub", "Relu", "Neg", "Relu", "Mul", "Sub", "Conv2D", "LeakyRelu"],
            graph.Nodes.Select(node => node.Op));
        Assert.Equal(["Relu6", "Sub", "Sub", "LeakyRelu"], new[] { "y", "z", "p", "l" }.Select(name => graph.Find(name)!.Op));
        Assert.Equal(new FloatValue(0.25f), graph.Find("l")!.Attributes["alpha"]);
    }

    [Fact]
    public void Shapes_that_an_importer_left_at_a_node_are_dropped() =>
        Assert.False(Read("""{"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": 1}, "_input_shapes": {"list": {"shape": [{}]}}}}""").Find("x")!.Attributes.ContainsKey("_input_shapes"));

    [Fact]
    public void Attributes_of_every_kind_are_read()
    {
        Node node = Read(
            Placeholder,
            """
            {"name": "n", "op": "Op", "input": ["x"], "attr": {
              "a": {"s": "aGk="}, "b": {"i": "-7"}, "c": {"f": 0.5}, "d": {"b": true}, "e": {"type": "DT_INT64"}, "f": {"shape": {"unknownRank": true}}, "g": {"shape": {}},
              "h": {"list": {"shape": [{"dim": [{"size": 2}]}], "f": [1, "NaN"]}}, "i": {"func": {"name": "body", "attr": {"T": {"type": "DT_BOOL"}}}}, "j": {"placeholder": "T"}, "k": {},
              "l": {"tensor": {"dtype": "DT_STRING", "tensorShape": {}, "stringVal": ["aGk="]}}, "m": {"tensor": {"dtype": "DT_INT32", "tensorShape": {"dim": [{"size": "2"}]}, "tensorContent": "AQAAAAIAAAA="}},
              "n": {"tensor": {"dtype": "DT_BOOL", "tensorShape": {}, "boolVal": [true]}}, "o": {"s": [104, 105]}}}
            """).Find("n")!;
        Assert.Equal((AttributeValue)"hi", node.Attributes["a"]);
        Assert.Equal((AttributeValue)"hi", node.Attributes["o"]);
        Assert.Equal((AttributeValue)(-7L), node.Attributes["b"]);
        Assert.Equal((AttributeValue)DataType.Int64, node.Attributes["e"]);
        Assert.Equal((AttributeValue)TensorShape.Unknown, node.Attributes["f"]);
        Assert.Equal((AttributeValue)TensorShape.Scalar, node.Attributes["g"]);
        Assert.Equal(3, Assert.IsType<ListValue>(node.Attributes["h"]).Items.Length);
        Assert.Equal("body", Assert.IsType<FunctionValue>(node.Attributes["i"]).Name);
        Assert.IsType<UnsetValue>(node.Attributes["k"]);
        Assert.Equal([1f, 2f], node.TensorAttribute("m")!.ToSingles());
        Assert.Equal([1f], node.TensorAttribute("n")!.ToSingles());
    }

    [Fact]
    public void Functions_and_inputs_without_a_signature_are_read()
    {
        using MemorySource source = Source("""
            {"format": "graph-model", "modelTopology": {"node": [
              {"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}}}, {"name": "y", "op": "Neg", "input": ["x"], "attr": {"T": {"type": "DT_FLOAT"}}}],
              "library": {"function": [{"signature": {"name": "f", "inputArg": [{"name": "a", "type": "DT_FLOAT"}], "outputArg": [{"name": "r", "type": "DT_FLOAT"}]},
                "nodeDef": [{"name": "n", "op": "Neg", "input": ["a"], "attr": {"T": {"type": "DT_FLOAT"}}}], "ret": {"r": "n:y:0"}}]}, "versions": {"producer": 1087}},
              "weightsManifest": []}
            """);
        ModelContent content = new TfJsFormat().Read(source, ModelReadOptions.Default, CancellationToken.None);
        Assert.Equal("n:y:0", content.Graph.Functions.Find("f")!.Returns["r"]);
        Assert.Equal(1087, content.Graph.Versions!.Producer);
        Assert.Equal("x", Assert.Single(content.Signature!.Inputs).Name);
        Assert.Equal("y", Assert.Single(content.Signature!.Outputs).Tensor);
    }

    [Fact]
    public void Constants_of_functions_are_in_the_manifest_too()
    {
        using MemorySource source = Source("""
            {"format": "graph-model", "modelTopology": {"node": [{"name": "y", "op": "f"}],
              "library": {"function": [{"signature": {"name": "f", "outputArg": [{"name": "r", "type": "DT_FLOAT"}]},
                "nodeDef": [{"name": "f/c", "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}, "value": {"tensor": {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": "2"}]}}}}}], "ret": {"r": "f/c:output:0"}}]}},
              "weightsManifest": []}
            """);
        Assert.Contains("'f/c'", Assert.Throws<ModelFormatException>(() => new TfJsFormat().Read(source, ModelReadOptions.Default, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": []}, "weightsManifest": []}""", "no nodes")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x"}]}, "weightsManifest": []}""", "no op")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "c", "op": "Const"}]}, "weightsManifest": []}""", "'c'")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Neg", "attr": {"T": {"type": "DT_FLOAT24"}}}]}, "weightsManifest": []}""", "DT_FLOAT24")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Neg", "attr": {"T": {"i": "one"}}}]}, "weightsManifest": []}""", "integer")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Neg", "attr": {"T": 3}}]}, "weightsManifest": []}""", "attribute")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Neg", "input": [3]}]}, "weightsManifest": []}""", "'x'")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "_FusedMatMul", "input": ["a"]}]}, "weightsManifest": []}""", "inputs")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "_FusedMatMul", "input": ["a", "b"], "attr": {"fused_ops": {"list": {"s": ["U25ha2U="]}}}}]}, "weightsManifest": []}""", "Snake")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Neg"}]}, "signature": {"inputs": {"q": {"name": "q:0"}}}, "weightsManifest": []}""", "q:0")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Neg"}]}, "modelInitializer": {}, "weightsManifest": []}""", "initializer")]
    [InlineData("""{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Neg"}]}}""", "weightsManifest")]
    [InlineData("""{"format": "graph-model", "modelTopology": []""", "JSON")]
    [InlineData("""{"format": "graph-model", "modelTopology": 1}""", "modelTopology")]
    public void A_malformed_model_is_refused_by_name(string json, string word)
    {
        using MemorySource source = Source(json);
        var error = Assert.Throws<ModelFormatException>(() => new TfJsFormat().Read(source, ModelReadOptions.Default, CancellationToken.None));
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.Contains("model.json", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("TFX45", error.DiagnosticId, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_signature_is_refused()
    {
        using MemorySource source = Source("{}");
        Assert.False(new TfJsFormat().Recognizes(source));
        Assert.Throws<ModelFormatException>(() => new TfJsFormat().Read(source, new() { Signature = "train" }, CancellationToken.None));
    }

    private static Graph Read(params string[] nodes)
    {
        using MemorySource source = Source($$"""{"format": "graph-model", "modelTopology": {"node": [{{string.Join(", ", nodes)}}]}, "weightsManifest": []}""");
        return new TfJsFormat().Read(source, ModelReadOptions.Default, CancellationToken.None).Graph;
    }

    private static MemorySource Source(string json) => new(("model.json", Encoding.UTF8.GetBytes(json)));
}
