use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let known = levqor_workflow::Known {
        activities: Some(vec!["send_mail".into(), "charge".into()]),
    };
    for doc in text.split('\u{1}') {
        let out: Vec<_> = match levqor_workflow::parse(doc.as_bytes(), &known) {
            Ok(_) => vec![],
            Err(p) => p,
        };
        println!("{}", serde_json::to_string(&out).unwrap());
    }
}
