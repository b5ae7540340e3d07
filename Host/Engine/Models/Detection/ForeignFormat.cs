namespace TransformFramework.Engine.Models.Detection;

/// <summary>A file format that is not a GraphDef: what to call it, and what to do with such a file.</summary>
internal sealed record ForeignFormat(string Name, string Advice)
{
    private const string Plugin = "A plugin reads such files: 'transform_graph plugins' shows what was found and why it was rejected.";
    private const string Damaged = "It is damaged or cut short, or its plugin is missing: copy or download it again; 'transform_graph plugins' shows what was found.";
    private const string WithGraph = "It holds variables without a graph: give the SavedModel, or the .meta file beside it.";
    private const string Unpack = "Unpack it and give the model inside.";
    private const string Another = "Give a model: a GraphDef (.pb or .pbtxt) or a format that 'transform_graph list' shows.";

    public static readonly ForeignFormat SavedModel = new("a SavedModel", Plugin);
    public static readonly ForeignFormat MetaGraph = new("a MetaGraph", "Give it beside the files of its checkpoint (NAME.index, NAME.data-…), which hold the values of its variables.");
    public static readonly ForeignFormat CheckpointIndex = new("the index of a TensorFlow checkpoint", WithGraph);
    public static readonly ForeignFormat CheckpointData = new("the data of a TensorFlow checkpoint", WithGraph);
    public static readonly ForeignFormat CheckpointV1 = new("a TensorFlow checkpoint (version 1)", WithGraph);
    public static readonly ForeignFormat CheckpointState = new("the list of a folder's TensorFlow checkpoints", WithGraph);
    public static readonly ForeignFormat Onnx = new("an ONNX model", Damaged);
    public static readonly ForeignFormat TensorFlowLite = new("a TensorFlow Lite model", Damaged);
    public static readonly ForeignFormat Hdf5 = new("an HDF5 file without a Keras model that can be read", "Save the whole model (model.save), not its weights alone, or as a SavedModel.");
    public static readonly ForeignFormat KerasZip = new("a Keras archive", Damaged);
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
