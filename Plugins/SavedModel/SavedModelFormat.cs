using TransformFramework.ModelFiles;
using TransformFramework.SavedModel.Reading;
using TransformFramework.SavedModel.Writing;

namespace TransformFramework.SavedModel;

/// <summary>SavedModels of TensorFlow 1 and 2 (a folder with <c>saved_model.pb</c> or <c>saved_model.pbtxt</c>), and checkpoints with their graph (<c>.meta</c>). What is written is a SavedModel without variables.</summary>
[ModelFormat("saved_model")]
[FormatOption("signature_name", "NAME", "Name of the signature that is written; serving_default without it.")]
public sealed class SavedModelFormat : IModelSourceReader, IModelSinkWriter
{
    public bool Recognizes(ModelSource source)
    {
        try
        {
            return ModelLocation.Find(source) is not null;
        }
        catch (ModelFormatException)
        {
            return true;
        }
    }

    public ModelContent Read(ModelSource source, ModelReadOptions options, CancellationToken cancellation) => ModelReading.Read(source, options, cancellation);

    public void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation) => SavedModelWriter.Write(model, options, sink, cancellation);
}
