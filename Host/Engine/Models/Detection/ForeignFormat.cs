namespace TransformFramework.Engine.Models.Detection;

/// <summary>A file format that is not a GraphDef: what to call it, and what to do with such a file.</summary>
internal sealed record ForeignFormat(string Name, string Advice)
{
    private const string Freeze = "Freeze it to a GraphDef first (tensorflow.python.tools.freeze_graph).";
    private const string NoWeightsOnly = "It holds variables without a graph; freeze the graph together with them (tensorflow.python.tools.freeze_graph).";
    private const string Unpack = "Unpack it and give the GraphDef (.pb) inside.";
    private const string Another = "Give a TensorFlow GraphDef (.pb or .pbtxt).";

    public static readonly ForeignFormat SavedModel = new("a SavedModel", Freeze);
    public static readonly ForeignFormat MetaGraph = new("a MetaGraph", Freeze);
    public static readonly ForeignFormat CheckpointIndex = new("the index of a TensorFlow checkpoint", NoWeightsOnly);
    public static readonly ForeignFormat CheckpointData = new("the data of a TensorFlow checkpoint", NoWeightsOnly);
    public static readonly ForeignFormat CheckpointV1 = new("a TensorFlow checkpoint (version 1)", NoWeightsOnly);
    public static readonly ForeignFormat CheckpointState = new("the list of a folder's TensorFlow checkpoints", NoWeightsOnly);
    public static readonly ForeignFormat Onnx = new("an ONNX model", Another);
    public static readonly ForeignFormat TensorFlowLite = new("a TensorFlow Lite model", "Give the GraphDef that it was converted from; the way back does not exist.");
    public static readonly ForeignFormat Hdf5 = new("an HDF5 file (a Keras model?)", "Save the Keras model as a SavedModel and freeze it to a GraphDef.");
    public static readonly ForeignFormat KerasZip = new("a Keras archive", "Save the Keras model as a SavedModel and freeze it to a GraphDef.");
    public static readonly ForeignFormat Zip = new("a zip archive", Unpack);
    public static readonly ForeignFormat Gzip = new("compressed with gzip", Unpack);
    public static readonly ForeignFormat GitLfsPointer = new("a git-lfs pointer, not the file itself", "Fetch the content with 'git lfs pull'.");
    public static readonly ForeignFormat Html = new("an HTML page", "The download probably answered with an error page; download the file again.");
    public static readonly ForeignFormat Xml = new("an XML file", Another);
    public static readonly ForeignFormat Json = new("a JSON file", Another);
    public static readonly ForeignFormat Png = new("a PNG image", Another);
    public static readonly ForeignFormat Jpeg = new("a JPEG image", Another);
    public static readonly ForeignFormat Numpy = new("a NumPy array", Another);
    public static readonly ForeignFormat Gguf = new("a GGUF model", Another);
    public static readonly ForeignFormat Pickle = new("a Python pickle (a PyTorch model?)", Another);
    public static readonly ForeignFormat OtherProtobuf = new("a protobuf message without anything of a GraphDef", Another);
}
