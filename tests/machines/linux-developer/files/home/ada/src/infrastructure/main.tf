terraform {
  backend "s3" {
    bucket = "acme-terraform-state"
    key    = "network.tfstate"
    region = "eu-west-1"
  }
}
