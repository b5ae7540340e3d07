using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.SavedModel.Tests;

/// <summary>Files beside a model that its graph reads.</summary>
public sealed class AssetReadTests
{
    private const string Model =
        """
        saved_model_schema_version: 1
        meta_graphs {
          meta_info_def { tags: "serve" }
          graph_def {
            node { name: "path" op: "Const" attr { key: "dtype" value { type: DT_STRING } } attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape { } string_val: "/elsewhere/words.txt" } } } }
            node { name: "same" op: "Identity" input: "path" attr { key: "T" value { type: DT_STRING } } }
            node { name: "read" op: "ReadFile" input: "same" }
            versions { producer: 1395 }
          }
          signature_def { key: "serving_default" value { outputs { key: "text" value { name: "read:0" dtype: DT_STRING tensor_shape { } } } method_name: "tensorflow/serving/predict" } }
          asset_file_def { tensor_info { name: "path:0" } filename: "words.txt" }
        }
        """;

    [Fact]
    public void The_bytes_of_an_asset_become_a_constant()
    {
        using var folder = new MemoryFolder();
        folder.Add("saved_model.pbtxt", Encoding.UTF8.GetBytes(Model)).Add("assets/words.txt", "one two"u8);
        Node read = Read(folder).Find("read")!;
        Assert.Equal("Const", read.Op);
        Assert.Equal("one two", Encoding.UTF8.GetString(read.TensorAttribute("value")!.Strings[0].Span));
    }

    [Fact]
    public void An_asset_that_is_not_there_is_named()
    {
        using var folder = new MemoryFolder();
        folder.Add("saved_model.pbtxt", Encoding.UTF8.GetBytes(Model));
        Assert.Contains("assets/words.txt", Assert.Throws<ModelFormatException>(() => Read(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_asset_stays_to_be_read()
    {
        using var folder = new MemoryFolder();
        folder.Add("saved_model.pbtxt", Encoding.UTF8.GetBytes(Model.Replace("name: \"path:0\" } filename", "name: \"other:0\" } filename", StringComparison.Ordinal)));
        Assert.Equal("ReadFile", Read(folder).Find("read")!.Op);
    }

    private static Graph Read(MemoryFolder folder) => new SavedModelFormat().Read(folder.Source(), ModelReadOptions.Default, CancellationToken.None).Graph;
}
